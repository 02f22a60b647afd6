"""Answers (回执与处理结果): the lines of a platform's file held against a sent letter, before anything is taken over.

Lines are matched by batch id and item id. What is taken, what says nothing new, and what cannot be taken and why, is
listed line by line; taking the same file again changes nothing.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.liaison.letters import Letter
from models.liaison.mappings import PlatformMapping
from models.liaison.progress import Progress, RowAnswer, RowStanding, may_follow
from models.liaison.statements import Statement
from models.liaison.states import NEEDS_WORDS, RowState
from models.values import Value

MOST_LINES = 5000


class AnswerLine(Value):
    """One line of a file, as texts; `at` is read by whoever read the file."""

    line: Annotated[int, Field(ge=1)]
    batch_id: str = ""
    item_id: str = ""
    answer: str = ""
    reason: str = ""
    words: str = ""
    at: AwareDatetime | None = None
    bad_time: str = ""


# Why a line is not taken.
WHYS = (
    "no-key", "other-batch", "no-such-item", "no-answer", "unknown-answer", "bad-time", "needs-reason",
    "needs-statement", "two-answers", "cannot-follow", "withdrawn", "repeated",
)  # fmt: skip


class LineFate(StrEnum):
    """What becomes of a line."""

    TAKEN = "taken"
    KNOWN = "known"
    UNMATCHED = "unmatched"
    REPEATED = "repeated"
    CONTRADICTORY = "contradictory"
    FAULTY = "faulty"


class PlannedLine(Value):
    """A line with its fate; `why` is one of `WHYS`, or nothing."""

    line: AnswerLine
    fate: LineFate
    state: RowState | None = None
    before: RowState | None = None
    why: str = ""


class AnswerPlan(Value):
    """What a file would change."""

    lines: tuple[PlannedLine, ...] = ()

    @property
    def counts(self) -> dict[LineFate, int]:
        return {fate: sum(each.fate is fate for each in self.lines) for fate in LineFate}

    @property
    def taken(self) -> tuple[PlannedLine, ...]:
        return tuple(each for each in self.lines if each.fate is LineFate.TAKEN)

    @property
    def answers(self) -> tuple[RowAnswer, ...]:
        """Those to write down, but for statements."""
        return tuple(
            RowAnswer(
                item_id=each.line.item_id, state=each.state, reason=each.line.reason, words=each.line.words,
                at=each.line.at,
            )
            for each in self.taken
            if each.state is not None and each.state is not RowState.COUNTERED
        )  # fmt: skip

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Statements that the file tells of."""
        return tuple(_statement(each.line) for each in self.taken if each.state is RowState.COUNTERED)


def plan(lines: Sequence[AnswerLine], letter: Letter, progress: Progress, mapping: PlatformMapping) -> AnswerPlan:
    """Every line's fate, in the order of the file."""
    said = _said(lines, letter)
    seen: set[tuple[str, ...]] = set()
    planned = []
    for line in lines:
        one = _fate(line, letter, progress, mapping, said)
        content = _content(line)
        if one.fate in {LineFate.TAKEN, LineFate.KNOWN} and content in seen:
            one = one.model_copy(update={"fate": LineFate.REPEATED, "why": "repeated"})
        seen.add(content)
        planned.append(one)
    return AnswerPlan(lines=tuple(planned))


def _fate(
    line: AnswerLine,
    letter: Letter,
    progress: Progress,
    mapping: PlatformMapping,
    said: dict[str, set[tuple[str, ...]]],
) -> PlannedLine:
    state = mapping.state(line.answer) if line.answer else None
    why = _unmatched(line, letter)
    if why:
        return PlannedLine(line=line, fate=LineFate.UNMATCHED, state=state, why=why)
    why = _faulty(line, state)
    if why or state is None:
        return PlannedLine(line=line, fate=LineFate.FAULTY, state=state, why=why)
    row = progress.by_item[line.item_id]
    if len(said[line.item_id]) > 1:
        return PlannedLine(line=line, fate=LineFate.CONTRADICTORY, state=state, before=row.state, why="two-answers")
    if _known(line, state, row):
        return PlannedLine(line=line, fate=LineFate.KNOWN, state=state, before=row.state)
    countered_again = state is RowState.COUNTERED and row.state is RowState.COUNTERED
    withdrawn = progress.withdrawn_at is not None
    if not countered_again and not may_follow(letter, row, state, withdrawn=withdrawn):
        why = "withdrawn" if withdrawn else "cannot-follow"
        return PlannedLine(line=line, fate=LineFate.CONTRADICTORY, state=state, before=row.state, why=why)
    return PlannedLine(line=line, fate=LineFate.TAKEN, state=state, before=row.state)


def _unmatched(line: AnswerLine, letter: Letter) -> str:
    if not line.batch_id or not line.item_id:
        return "no-key"
    if line.batch_id != letter.batch_id:
        return "other-batch"
    return "" if line.item_id in letter.rows_by_item else "no-such-item"


def _faulty(line: AnswerLine, state: RowState | None) -> str:
    if not line.answer:
        return "no-answer"
    if state is None:
        return "unknown-answer"
    if line.bad_time:
        return "bad-time"
    if state in NEEDS_WORDS and not (line.reason or line.words):
        return "needs-reason"
    if state is RowState.COUNTERED and (not line.words or line.at is None):
        return "needs-statement"
    return ""


def _known(line: AnswerLine, state: RowState, row: RowStanding) -> bool:
    if state is RowState.COUNTERED:
        return _statement(line).statement_id in {each.statement_id for each in row.statements}
    return row.state is state and (row.reason, row.words) == (line.reason, line.words)


def _said(lines: Iterable[AnswerLine], letter: Letter) -> dict[str, set[tuple[str, ...]]]:
    """The different answers that the file gives each item of this letter."""
    said: dict[str, set[tuple[str, ...]]] = {}
    for line in lines:
        if not _unmatched(line, letter):
            said.setdefault(line.item_id, set()).add((line.answer, line.reason, line.words))
    return said


def _content(line: AnswerLine) -> tuple[str, ...]:
    return (line.batch_id, line.item_id, line.answer, line.reason, line.words, str(line.at))


def _statement(line: AnswerLine) -> Statement:
    if line.at is None:
        raise ValueError("a statement without its day was planned")
    return Statement(item_id=line.item_id, words=line.words, reached_at=line.at)
