"""Progress (办理进度): what has become of a sent letter, folded from what each side wrote down.

Every side writes in its own name and nobody changes what another wrote. The order is by time; what an answer may not
follow is left without effect and stays in the history.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.liaison.letters import Letter, LetterRow
from models.liaison.statements import Delay, Reply, ReplyKind, Statement, StatementStanding, statement_clock
from models.liaison.states import RowState, follows
from models.pictures import Sha256
from models.values import Value


class LiaisonAct(StrEnum):
    """What is written down of a batch."""

    MADE = "made"
    CHANGED = "changed"
    CHECKED = "checked"
    SIGNED = "signed"
    VOIDED = "voided"
    SENT = "sent"
    EXPORTED = "exported"
    WITHDRAWN = "withdrawn"
    ANSWERED = "answered"
    STATED = "stated"
    DELAYED = "delayed"
    REPLIED = "replied"


# What both sides see; the rest stays with whoever wrote it.
SHARED = frozenset(
    {
        LiaisonAct.SENT,
        LiaisonAct.WITHDRAWN,
        LiaisonAct.ANSWERED,
        LiaisonAct.STATED,
        LiaisonAct.DELAYED,
        LiaisonAct.REPLIED,
    }
)


class RowAnswer(Value):
    """The platform's answer to one row."""

    item_id: Annotated[str, Field(min_length=1, max_length=512)]
    state: RowState
    reason: Annotated[str, Field(max_length=500)] = ""
    words: Annotated[str, Field(max_length=2000)] = ""
    at: AwareDatetime | None = None


class LiaisonEvent(Value):
    """One act as it was written down, in the name of `organisation_id`. `receivers` are all to whom a withdrawal has to
    be told; `sha256` names the file that was handed out or that answers came in."""

    organisation_id: str
    batch_id: str
    number: int = 0
    act: LiaisonAct
    by: str
    at: AwareDatetime
    reason: str = ""
    receiver: str = ""
    receivers: tuple[str, ...] = ()
    file_kind: str = ""
    sha256: Sha256 | None = None
    answers: tuple[RowAnswer, ...] = ()
    statement: Statement | None = None
    delay: Delay | None = None
    reply: Reply | None = None


class RowStanding(Value):
    """Where a row stands."""

    row: LetterRow
    state: RowState = RowState.SENT
    reason: str = ""
    words: str = ""
    changed_at: AwareDatetime | None = None
    changed_by: str = ""
    statements: tuple[StatementStanding, ...] = ()


class Progress(Value):
    """Where a letter stands, row by row. `revision` counts what was written down on all sides."""

    rows: tuple[RowStanding, ...]
    withdrawn_at: AwareDatetime | None = None
    withdrawn_for: str = ""
    revision: int = 0

    @property
    def by_item(self) -> dict[str, RowStanding]:
        return {each.row.item_id: each for each in self.rows}

    @property
    def counts(self) -> dict[RowState, int]:
        return {state: sum(each.state is state for each in self.rows) for state in RowState}

    @property
    def statements(self) -> tuple[StatementStanding, ...]:
        return tuple(statement for each in self.rows for statement in each.statements)


def progress_of(letter: Letter, events: Iterable[LiaisonEvent]) -> Progress:
    """The letter after these events, whatever order they come in. Those of organisations that are no party to the
    letter, and those that are not shared, count for nothing."""
    parties = {letter.sender_id, letter.receiver_id, letter.holder_id} - {""}
    told = sorted(
        (each for each in events if each.act in SHARED and each.organisation_id in parties),
        key=lambda each: (each.at, each.organisation_id, each.number),
    )
    rows = {row.item_id: RowStanding(row=row) for row in letter.rows}
    withdrawn_at: datetime | None = None
    withdrawn_for = ""
    for event in told:
        if event.act is LiaisonAct.WITHDRAWN and event.organisation_id == letter.sender_id:
            withdrawn_at, withdrawn_for = event.at, event.reason
            rows = {item: _withdrawn(row) for item, row in rows.items()}
        for answer in event.answers:
            _answer(letter, rows, answer, event)
        if event.statement is not None:
            _state(letter, rows, event.statement, event)
        if event.delay is not None or event.reply is not None:
            _reply(rows, event)
    return Progress(
        rows=tuple(rows.values()), withdrawn_at=withdrawn_at, withdrawn_for=withdrawn_for, revision=len(told)
    )


def may_follow(letter: Letter, row: RowStanding, state: RowState, *, withdrawn: bool) -> bool:
    """Whether the platform may answer so now; of a letter that was withdrawn it may still undo what it did."""
    if withdrawn and state is not RowState.RESTORED:
        return False
    return follows(letter.kind, row.state, state)


def _answer(letter: Letter, rows: dict[str, RowStanding], answer: RowAnswer, event: LiaisonEvent) -> None:
    row = rows.get(answer.item_id)
    if row is None or not follows(letter.kind, row.state, answer.state):
        return
    restored = answer.state is RowState.RESTORED
    rows[answer.item_id] = row.model_copy(
        update={
            "state": answer.state,
            "reason": answer.reason,
            "words": answer.words,
            "changed_at": event.at,
            "changed_by": event.by,
            "statements": tuple(_ended(each, event.at) if restored else each for each in row.statements),
        }
    )


def _state(letter: Letter, rows: dict[str, RowStanding], statement: Statement, event: LiaisonEvent) -> None:
    row = rows.get(statement.item_id)
    if row is None or statement.statement_id in {each.statement_id for each in row.statements}:
        return
    if row.state is not RowState.COUNTERED and not follows(letter.kind, row.state, RowState.COUNTERED):
        return
    standing = StatementStanding(
        statement=statement, statement_id=statement.statement_id, clock=statement_clock(statement.reached_at)
    )
    rows[statement.item_id] = row.model_copy(
        update={
            "state": RowState.COUNTERED,
            "changed_at": event.at,
            "changed_by": event.by,
            "statements": (*row.statements, standing),
        }
    )


def _reply(rows: dict[str, RowStanding], event: LiaisonEvent) -> None:
    wanted = event.reply.statement_id if event.reply else event.delay.statement_id if event.delay else ""
    for item, row in rows.items():
        told = tuple(_told(each, event) if each.statement_id == wanted else each for each in row.statements)
        if told != row.statements:
            rows[item] = row.model_copy(update={"statements": told})


def _told(standing: StatementStanding, event: LiaisonEvent) -> StatementStanding:
    if standing.ended_at is not None:
        return standing
    if event.reply is not None:
        ended = event.at if event.reply.kind is ReplyKind.ACCEPTED else None
        return standing.model_copy(update={"reply": event.reply, "replied_at": event.at, "ended_at": ended})
    return standing.model_copy(update={"delay": event.delay})


def _ended(standing: StatementStanding, at: datetime) -> StatementStanding:
    return standing if standing.ended_at else standing.model_copy(update={"ended_at": at})


def _withdrawn(row: RowStanding) -> RowStanding:
    told = tuple(each if each.ended_at else each.model_copy(update={"withdrawn": True}) for each in row.statements)
    return row.model_copy(update={"statements": told})
