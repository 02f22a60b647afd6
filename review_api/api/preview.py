"""Preview: screen a listing or a parcel as it would be screened now, without keeping anything."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from models.leads import Flip, Screening
from models.subjects import AnySubject, Listing, ParcelRecord
from models.values import Value
from review_api.desk import AtDesk, SignedIn
from review_api.problems import answers
from review_api.wording import Explanation, explanations, mark_texts

router = APIRouter(prefix="/api/v1/preview", tags=["preview"])

MOST_SUBJECTS = 50


class PreviewRequest(Value):
    """Subjects to screen. Their `organisation_id` is ignored: it is the caller's."""

    listings: Annotated[
        tuple[Listing, ...],
        Field(
            max_length=MOST_SUBJECTS,
            examples=[
                [
                    {
                        "listing_id": "1",
                        "platform": "demo",
                        "title": "晴川 绿茶 250g",
                        "price": "39.90",
                        "currency": "CNY",
                    }
                ]
            ],
        ),
    ] = ()
    parcels: Annotated[tuple[ParcelRecord, ...], Field(max_length=MOST_SUBJECTS)] = ()


class Previewed(Value):
    """One subject's screening, in words, with what would change the outcome."""

    screening: Screening
    explanations: dict[str, Explanation] = Field(description="By finding id")
    flips: tuple[Flip, ...]


class PreviewAnswer(Value):
    """Listings first, then parcels, each in the order in which they came."""

    screenings: tuple[Previewed, ...]


@router.post("", summary="Screen without storing", responses=answers())
def preview(request: PreviewRequest, at_desk: AtDesk, caller: SignedIn) -> PreviewAnswer:
    """Runs every detector on the subjects against the organisation's registry as it stands. Nothing is stored."""
    own = {"organisation_id": caller.organisation_id}
    subjects: list[AnySubject] = [listing.model_copy(update=own) for listing in request.listings]
    subjects += [parcel.model_copy(update=own) for parcel in request.parcels]
    if not subjects:
        return PreviewAnswer(screenings=())
    screenings = at_desk.screening.preview(caller.organisation_id, subjects)
    marks = mark_texts(at_desk.registries.current(at_desk.store.registry, caller.organisation_id))
    return PreviewAnswer(
        screenings=tuple(
            Previewed(
                screening=screening,
                explanations=explanations(screening.findings, marks),
                flips=screening.assessment.flips or at_desk.screening.what_would_flip(screening),
            )
            for screening in screenings
        )
    )
