"""Answers and what comes of them: every line has its fate, nothing is taken twice, and clocks run by the law."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.law import Calendar, last_day, law
from models.liaison import (
    ANSWERS,
    ROW_TRANSITIONS,
    AnswerLine,
    AnswerPlan,
    Delay,
    LetterKind,
    LiaisonAct,
    LiaisonEvent,
    LineFate,
    Progress,
    Reply,
    ReplyKind,
    RowAnswer,
    RowState,
    Statement,
    StatementPhase,
    plan,
    progress_of,
    statement_clock,
)
from tests.models.liaison.samples import AT, mapping, sent_batch

LETTER = sent_batch()[1].letter


def line(number: int, item: str = "73001", answer: str = "下架", **more: Any) -> AnswerLine:
    return AnswerLine(line=number, **{"batch_id": LETTER.batch_id, "item_id": item, "answer": answer, **more})


def event(act: LiaisonAct, *, minutes: float = 10, by: str = "yunjishi", number: int = 1, **more: Any) -> LiaisonEvent:
    return LiaisonEvent(
        organisation_id=by, batch_id=LETTER.batch_id, number=number, act=act, by="lin",
        at=AT + timedelta(minutes=minutes), **more,
    )  # fmt: skip


def taken(*lines: AnswerLine, before: Progress | None = None) -> AnswerPlan:
    return plan(lines, LETTER, before or progress_of(LETTER, ()), mapping())


def fates(found: AnswerPlan) -> list[tuple[str, str]]:
    return [(each.fate.value, each.why) for each in found.lines]


def answered(state: RowState, item: str = "73001", minutes: float = 10, **more: Any) -> LiaisonEvent:
    return event(LiaisonAct.ANSWERED, minutes=minutes, answers=(RowAnswer(item_id=item, state=state, **more),))


REMOVED = progress_of(LETTER, [answered(RowState.REMOVED)])
STATEMENT = Statement(item_id="73001", words="系正品，附进货凭证", reached_at=datetime(2026, 3, 20, 2, tzinfo=UTC))
STATED = [answered(RowState.REMOVED), event(LiaisonAct.STATED, minutes=6000, statement=STATEMENT)]


def test_every_line_has_its_fate() -> None:
    found = taken(
        line(2),
        line(3, "73002", "不成立", reason="材料不足"),
        line(4, "73003", "不成立"),
        line(5, "99999"),
        line(6, batch_id="TZ20260101-ZZZZ9999"),
        line(7, item_id=""),
        line(8, "73003", "也许"),
        line(9, "73003", ""),
        line(10, "73003", bad_time="上周"),
        line(11),
    )
    assert fates(found) == [
        ("taken", ""), ("taken", ""), ("faulty", "needs-reason"), ("unmatched", "no-such-item"),
        ("unmatched", "other-batch"), ("unmatched", "no-key"), ("faulty", "unknown-answer"), ("faulty", "no-answer"),
        ("faulty", "bad-time"), ("repeated", "repeated"),
    ]  # fmt: skip
    assert [(each.item_id, each.state) for each in found.answers] == [
        ("73001", RowState.REMOVED), ("73002", RowState.REFUSED),
    ]  # fmt: skip


def test_two_different_answers_to_one_item_contradict_each_other_and_neither_is_taken() -> None:
    found = taken(line(2), line(3, answer="受理"), line(4, "73002"))
    assert fates(found) == [("contradictory", "two-answers"), ("contradictory", "two-answers"), ("taken", "")]


def test_an_answer_that_cannot_follow_contradicts() -> None:
    assert fates(taken(line(2, answer="受理"), before=REMOVED)) == [("contradictory", "cannot-follow")]
    assert fates(taken(line(2, answer="已提供"))) == [("contradictory", "cannot-follow")]
    gone = progress_of(LETTER, [answered(RowState.REMOVED), event(LiaisonAct.WITHDRAWN, minutes=20, by="qingchuan")])
    assert fates(taken(line(2, "73002"), line(3, answer="恢复"), before=gone)) == [
        ("contradictory", "withdrawn"), ("taken", ""),
    ]  # fmt: skip


def test_the_same_file_again_says_nothing_new() -> None:
    lines = (line(2, reason="核实"), line(3, "73002", "商家声明", words="系正品", at=AT + timedelta(days=1)))
    first = taken(*lines, before=progress_of(LETTER, [answered(RowState.REMOVED, "73002")]))
    assert first.counts[LineFate.TAKEN] == 2
    told = [
        answered(RowState.REMOVED, "73002"),
        event(LiaisonAct.ANSWERED, minutes=30, number=2, answers=first.answers),
        event(LiaisonAct.STATED, minutes=30, number=3, statement=first.statements[0]),
    ]
    again = taken(*lines, before=progress_of(LETTER, told))
    assert {each.fate for each in again.lines} == {LineFate.KNOWN}
    assert again.answers == again.statements == ()


def test_a_statement_in_a_file_needs_its_words_and_its_day() -> None:
    found = taken(line(2, answer="商家声明"), line(3, answer="商家声明", words="系正品"), before=REMOVED)
    assert {each.why for each in found.lines} <= {"needs-statement", "two-answers"}
    assert found.statements == ()


def test_rows_follow_the_one_table() -> None:
    assert set(ROW_TRANSITIONS) == set(RowState)
    for state, following in ROW_TRANSITIONS.items():
        assert state not in following
        assert RowState.SENT not in following
    assert all(RowState.COUNTERED not in ANSWERS[kind] for kind in LetterKind if kind is not LetterKind.NOTICE)
    assert REMOVED.by_item["73001"].state is RowState.REMOVED
    back = progress_of(LETTER, [answered(RowState.REMOVED), answered(RowState.RECEIVED, minutes=20)])
    assert back.by_item["73001"].state is RowState.REMOVED, "an answer that may not follow has no effect"


@given(st.permutations(range(4)))
def test_the_order_in_which_events_come_in_changes_nothing(order: list[int]) -> None:
    told = [*STATED, answered(RowState.REFUSED, "73002", 15, reason="x"), answered(RowState.RECEIVED, "73003", 16)]
    assert progress_of(LETTER, [told[each] for each in order]) == progress_of(LETTER, told)


def test_what_a_stranger_writes_counts_for_nothing() -> None:
    forged = answered(RowState.REMOVED).model_copy(update={"organisation_id": "haowujie"})
    withdrawn_by_platform = event(LiaisonAct.WITHDRAWN)
    assert progress_of(LETTER, [forged]).by_item["73001"].state is RowState.SENT
    assert progress_of(LETTER, [withdrawn_by_platform]).withdrawn_at is None


def test_the_clock_counts_fifteen_days_and_ends_on_a_working_day() -> None:
    clock = statement_clock(datetime(2026, 3, 20, 2, tzinfo=UTC))  # 20 March in Shanghai; 4 to 6 April are days off
    assert (clock.starts_on, clock.due_on, clock.days) == (date(2026, 3, 20), date(2026, 4, 7), 15)
    assert clock.article == "电子商务法第四十三条第二款"
    plain = statement_clock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    assert plain.due_on == date(2026, 3, 17)
    late = statement_clock(datetime(2026, 3, 19, 16, 30, tzinfo=UTC))
    assert late.starts_on == date(2026, 3, 20), "the Shanghai day counts, not the day in UTC"
    assert not statement_clock(datetime(2031, 3, 2, 2, tzinfo=UTC)).calendar_known


def test_before_the_law_said_so_a_period_ended_on_its_day() -> None:
    rule = law().rule("counter-statement", date(2019, 6, 1))
    weekends = Calendar(frozenset(), frozenset(), frozenset())
    saturday = date(2019, 6, 15)
    assert last_day(rule, date(2019, 5, 31), law(), weekends) == saturday
    assert last_day(rule, date(2026, 5, 1), law(), weekends) == date(2026, 5, 18)


@pytest.mark.parametrize(
    ("days", "phase"),
    [(0, StatementPhase.RUNNING), (17, StatementPhase.RUNNING), (18, StatementPhase.TODAY), (19, StatementPhase.OVER)],
)
def test_a_statement_runs_until_its_day(days: int, phase: StatementPhase) -> None:
    (standing,) = progress_of(LETTER, STATED).statements
    now = datetime(2026, 3, 20, 2, tzinfo=UTC) + timedelta(days=days)
    assert standing.phase(now) is phase
    assert standing.days_left(now) == 18 - days


def test_what_the_holder_tells_stops_or_ends_the_clock() -> None:
    later = datetime(2026, 6, 1, tzinfo=UTC)

    def phase(*more: LiaisonEvent) -> StatementPhase:
        (standing,) = progress_of(LETTER, [*STATED, *more]).statements
        return standing.phase(later)

    def reply(kind: ReplyKind, minutes: float = 7000) -> LiaisonEvent:
        given_reply = Reply(statement_id=STATEMENT.statement_id, kind=kind, reference="12315-1")
        return event(LiaisonAct.REPLIED, minutes=minutes, by="qingchuan", reply=given_reply)

    assert phase() is StatementPhase.OVER
    assert phase(reply(ReplyKind.SUED)) is StatementPhase.HELD
    assert phase(reply(ReplyKind.ACCEPTED)) is StatementPhase.ENDED
    assert phase(answered(RowState.RESTORED, minutes=8000)) is StatementPhase.ENDED
    assert phase(event(LiaisonAct.WITHDRAWN, minutes=8000, by="qingchuan")) is StatementPhase.WITHDRAWN
    told = Delay(statement_id=STATEMENT.statement_id, words="办理公证认证")
    delayed = progress_of(LETTER, [*STATED, event(LiaisonAct.DELAYED, minutes=7000, by="qingchuan", delay=told)])
    assert delayed.statements[0].due_on == delayed.statements[0].clock.latest_on == date(2026, 5, 8)
