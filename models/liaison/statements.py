"""Statements of non-infringement (不存在侵权的声明), and the clock that runs once one has reached the rights holder.

The platform forwards a statement to whoever sent the notice. Unless the platform is told within the days of the law
that the holder has complained or sued, it ends its measures (电子商务法第四十三条). Delay that the holder cannot
control, such as notarisation, does not count, up to a longest.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.identity import digest
from models.law import Calendar, Law, calendar, last_day, law
from models.liaison.content import Document
from models.moments import SHANGHAI
from models.values import Value

RULE, DELAY_RULE = "counter-statement", "counter-statement-delay"


class ReplyKind(StrEnum):
    """What the holder tells the platform: 已投诉, 已起诉, 不再主张."""

    COMPLAINED = "complained"
    SUED = "sued"
    ACCEPTED = "accepted"


class StatementPhase(StrEnum):
    """How the clock of a statement stands."""

    RUNNING = "running"
    TODAY = "today"
    OVER = "over"
    HELD = "held"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class StatementClock(Value):
    """The days for the holder: which version of the rule, from and to, and the latest day where a delay is excused.
    `calendar_known` is false when holidays of a year concerned were not announced yet."""

    rule_id: str
    article: str
    days: int
    starts_on: date
    due_on: date
    latest_on: date | None = None
    calendar_known: bool = True


class Statement(Value):
    """One statement as the platform forwards it. `reached_at` is when it reached the holder, or its agent."""

    item_id: Annotated[str, Field(min_length=1, max_length=512)]
    declared_by: Annotated[str, Field(max_length=200)] = ""
    words: Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
    documents: Annotated[tuple[Document, ...], Field(max_length=50)] = ()
    reached_at: AwareDatetime

    @property
    def statement_id(self) -> str:
        """The same statement told twice is one."""
        return digest("statement", self.item_id, self.words.strip(), self.reached_at.isoformat())


class Reply(Value):
    """The holder's answer to a statement; `reference` is the number of its complaint or suit."""

    statement_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    kind: ReplyKind
    reference: Annotated[str, Field(max_length=200)] = ""
    words: Annotated[str, Field(max_length=2000)] = ""
    document: Document | None = None


class Delay(Value):
    """Why the holder needs longer: what it cannot control."""

    statement_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    words: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


class StatementStanding(Value):
    """A statement with its clock and what came of it."""

    statement: Statement
    statement_id: str
    clock: StatementClock
    delay: Delay | None = None
    reply: Reply | None = None
    replied_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    withdrawn: bool = False

    @property
    def due_on(self) -> date:
        """The last day on which the platform may be told."""
        return self.clock.latest_on if self.delay and self.clock.latest_on else self.clock.due_on

    def phase(self, at: datetime) -> StatementPhase:
        """How it stands on the Shanghai day of `at`."""
        if self.withdrawn:
            return StatementPhase.WITHDRAWN
        if self.ended_at is not None or (self.reply is not None and self.reply.kind is ReplyKind.ACCEPTED):
            return StatementPhase.ENDED
        if self.reply is not None:
            return StatementPhase.HELD
        today = at.astimezone(SHANGHAI).date()
        if today == self.due_on:
            return StatementPhase.TODAY
        return StatementPhase.RUNNING if today < self.due_on else StatementPhase.OVER

    def days_left(self, at: datetime) -> int:
        """Calendar days until it is due; negative when it is over."""
        return (self.due_on - at.astimezone(SHANGHAI).date()).days


def statement_clock(reached_at: datetime, *, by: Law | None = None, days: Calendar | None = None) -> StatementClock:
    """The clock that a statement starts by reaching the holder, under the law of that day."""
    table, counted = by or law(), days or calendar()
    start = reached_at.astimezone(SHANGHAI).date()
    rule = table.rule(RULE, start)
    due = last_day(rule, start, table, counted)
    delays = [each for each in table.on(start) if each.rule_id == DELAY_RULE]
    latest = last_day(delays[0], due, table, counted) if delays else None
    return StatementClock(
        rule_id=rule.rule_id,
        article=rule.article,
        days=rule.days or 0,
        starts_on=start,
        due_on=due,
        latest_on=latest,
        calendar_known=counted.knows(start, latest or due),
    )
