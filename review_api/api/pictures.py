"""Pictures by content hash: only those that the organisation has a reading of, and only as pictures."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from models.errors import NotFoundError
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import ContentHash
from review_api.problems import answers

router = APIRouter(prefix="/api/v1/pictures", tags=["pictures"])

# The only kinds ever served, told by their first bytes; whatever else was captured stays in the store.
SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)
HEADERS = {
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
    "X-Content-Type-Options": "nosniff",
}


@router.get(
    "/{content_sha256}",
    summary="A picture's bytes",
    response_class=Response,
    responses={
        **answers(HTTPStatus.NOT_FOUND),
        200: {
            "description": "The picture as captured",
            "content": {kind: {} for kind in sorted({kind for _, _, kind in SIGNATURES})},
        },
    },
)
def picture(content_sha256: ContentHash, at_desk: AtDesk, caller: SignedIn) -> Response:
    """PNG, JPEG, GIF or WebP, exactly as captured. 404 when the organisation has no reading with that hash."""
    if not at_desk.store.screenings.holds_picture(caller.organisation_id, content_sha256):
        raise NotFoundError("no such picture", where=content_sha256)
    data = at_desk.objects.get(content_sha256)
    kind = content_type(data)
    if kind is None:
        raise NotFoundError("the captured file is no picture that may be shown", where=content_sha256)
    return Response(data, media_type=kind, headers=HEADERS)


def content_type(data: bytes) -> str | None:
    """The allowed type that the first bytes tell, if any."""
    return next((kind for sign, at, kind in SIGNATURES if data[at : at + len(sign)] == sign), None)
