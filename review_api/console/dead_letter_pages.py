"""Dead letters as pages: what died and why, one letter, and replaying, for supervisors and administrators of a unit."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from models.dead_letters import STANDING, LetterPlace, LetterQuery, LetterState, Replay
from models.errors import InputError
from review_api.access import trail
from review_api.api.dead_letters import DeadLetterId
from review_api.console.pages import pages
from review_api.dead_letters import MOST_AT_ONCE, replay, replay_alike, shown
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import StorableText

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 50
Words = Annotated[StorableText, Form(max_length=1000)]
Confirmed = Annotated[str, Form(max_length=8)]


@router.get("/dead-letters")
def letters_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Newest first, and the reasons they died for; what makes no sense in the address is left out."""
    asked = {
        name: request.query_params.get(name, "")[:400].replace("\x00", "") for name in ("topic", "reason", "after")
    }
    stated = request.query_params.get("state", "")
    state = LetterState(stated) if stated in set(LetterState) else None
    query = LetterQuery(
        topic=asked["topic"],
        reason=asked["reason"],
        states=(state,) if state else STANDING,
        after=asked["after"],
        limit=PAGE_SIZE,
    )
    page = at_desk.store.dead_letters.find(caller.organisation_id, query)
    reasons = at_desk.store.dead_letters.reasons(caller.organisation_id)
    kept = {"topic": query.topic, "reason": query.reason, "state": state or ""}
    return pages(request).render(
        request,
        "dead_letters.html",
        letters=[shown(each) for each in page.letters],
        total=page.total,
        reasons=reasons,
        topics=sorted({each.topic for each in reasons} | ({query.topic} if query.topic else set())),
        states=tuple(LetterState),
        asked=kept,
        next_page=f"/dead-letters?{urlencode({**kept, 'after': page.next_cursor})}" if page.next_cursor else "",
        first_page=f"/dead-letters?{urlencode(kept)}" if query.after else "",
        most=MOST_AT_ONCE,
        **_told(request),
    )


@router.get("/dead-letters/{dead_letter}")
def letter_page(request: Request, dead_letter: DeadLetterId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """One letter with where it stands and what its message looks like."""
    found = at_desk.store.dead_letters.get(caller.organisation_id, LetterPlace.read(dead_letter))
    return pages(request).render(request, "dead_letter.html", letter=shown(found), **_told(request))


@router.post("/dead-letters/replay")
def replay_reason(
    request: Request,
    at_desk: AtDesk,
    caller: SignedIn,
    topic: Words,
    reason: Words = "",
    confirmed: Confirmed = "",
) -> Response:
    """Replay the open letters of a topic that died for a reason; then the list again."""
    _require(confirmed)
    done = replay_alike(at_desk, caller, topic=topic, reason=reason)
    trail.detail(request, replayed=str(len(done.replayed)), reason=reason[:200])
    return RedirectResponse(f"/dead-letters?{_result(done)}", status_code=HTTPStatus.SEE_OTHER)


@router.post("/dead-letters/{dead_letter}/replay")
def replay_one(
    request: Request, dead_letter: DeadLetterId, at_desk: AtDesk, caller: SignedIn, confirmed: Confirmed = ""
) -> Response:
    """Replay one; then its page again."""
    _require(confirmed)
    done = replay(at_desk, caller, [LetterPlace.read(dead_letter)])
    trail.detail(request, replayed=str(len(done.replayed)))
    return RedirectResponse(f"/dead-letters/{dead_letter}?{_result(done)}", status_code=HTTPStatus.SEE_OTHER)


def _require(confirmed: str) -> None:
    if confirmed != "yes":
        raise InputError("the replay is not confirmed", where="confirmed", mend="tick that the cause is mended")


def _result(done: Replay) -> str:
    return urlencode({"replayed": len(done.replayed), "overtaken": len(done.overtaken)})


def _told(request: Request) -> dict[str, Any]:
    """What the replay that led here did, as its address says."""

    def count(name: str) -> int | None:
        text = request.query_params.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None

    return {"replayed": count("replayed"), "overtaken": count("overtaken")}
