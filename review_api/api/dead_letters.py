"""Dead letters of the caller's own unit, for its supervisors and administrators."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, model_validator

from models.dead_letters import STANDING, LetterPlace, LetterQuery, LetterState
from models.values import Value
from review_api.access import trail
from review_api.dead_letters import MOST_AT_ONCE, PLACE, ShownLetter, replay, replay_alike, shown
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import StorableText
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute

router = APIRouter(prefix="/api/v1/dead-letters", tags=["dead letters"], route_class=OnceRoute)

DeadLetterId = Annotated[str, Path(pattern=PLACE, description="The letter's id", examples=["jianzhen.listings:0:17"])]
Words = Annotated[StorableText, Query(max_length=200)]


class Letters(Value):
    """A page of letters, newest first."""

    letters: tuple[ShownLetter, ...]
    next_after: str = Field(description="Continues the list; empty at its end")
    total: int


class ReplayRequest(Value):
    """Which letters: by their ids, or all open ones of a topic that died for a reason."""

    letters: Annotated[tuple[Annotated[str, Field(pattern=PLACE)], ...], Field(max_length=MOST_AT_ONCE)] = ()
    topic: Annotated[StorableText, Field(max_length=100)] = ""
    reason: Annotated[StorableText, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _one_way(self) -> "ReplayRequest":
        if bool(self.letters) == bool(self.topic or self.reason):
            raise ValueError("name letters, or choose by topic or reason")
        return self


class ReplayTold(Value):
    """What was done."""

    replayed: tuple[str, ...] = Field(description="Their bytes go out again")
    overtaken: tuple[str, ...] = Field(description="Left alone: their subjects were screened in a newer state since")


@router.get("", summary="Dead letters", responses=answers(HTTPStatus.FORBIDDEN))
def letters(
    at_desk: AtDesk,
    caller: SignedIn,
    topic: Words = "",
    reason: Words = "",
    state: LetterState | None = None,
    after: Annotated[StorableText, Query(max_length=400)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Letters:
    """Those that stand, unless a state is asked for. Messages are shown by their shape, without values."""
    states = (state,) if state else STANDING
    query = LetterQuery(topic=topic, reason=reason, states=states, after=after, limit=limit)
    page = at_desk.store.dead_letters.find(caller.organisation_id, query)
    return Letters(letters=tuple(map(shown, page.letters)), next_after=page.next_cursor, total=page.total)


@router.get("/{dead_letter}", summary="One dead letter", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND))
def letter(dead_letter: DeadLetterId, at_desk: AtDesk, caller: SignedIn) -> ShownLetter:
    """With where it stands."""
    return shown(at_desk.store.dead_letters.get(caller.organisation_id, LetterPlace.read(dead_letter)))


@router.post(
    "/replays",
    summary="Replay dead letters",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    dependencies=KEYED,
)
def replay_letters(asked: ReplayRequest, request: Request, at_desk: AtDesk, caller: SignedIn) -> ReplayTold:
    """Their very bytes are published again on their topic under their key. 409 for a letter that is not open."""
    if asked.letters:
        done = replay(at_desk, caller, [LetterPlace.read(each) for each in asked.letters])
    else:
        done = replay_alike(at_desk, caller, topic=asked.topic, reason=asked.reason)
    trail.detail(request, replayed=str(len(done.replayed)), **({"reason": asked.reason} if asked.reason else {}))
    return ReplayTold(
        replayed=tuple(map(str, done.replayed)),
        overtaken=tuple(map(str, done.overtaken)),
    )
