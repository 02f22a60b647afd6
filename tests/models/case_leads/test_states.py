"""The table of transitions, and who is one operator."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models.case_leads import (
    CASE_TRANSITIONS,
    CaseAct,
    CaseResult,
    CaseState,
    allowed,
    next_state,
    operator_of,
    resumed_due,
    suspension_rule,
)
from models.errors import ConflictError
from models.leads import Lead
from models.subjects import Seller
from tests.models.storage.samples import NOON, suspicious


def test_the_table_covers_every_state_and_leads_nowhere_else() -> None:
    assert set(CASE_TRANSITIONS) == set(CaseState)
    for state, acts in CASE_TRANSITIONS.items():
        assert CaseAct.WITHDRAW in acts  # whatever was said can be taken back
        assert CaseAct.REGISTER not in acts
        assert set(acts.values()) <= set(CaseState)
        kept = {CaseAct.AMEND, CaseAct.EXTEND, CaseAct.SUSPEND, CaseAct.RESUME, CaseAct.SPLIT, CaseAct.MERGE}
        assert all(acts[act] is state for act in kept & set(acts))


def test_every_state_can_be_reached_and_left_but_the_last() -> None:
    reached = {CaseState.REGISTERED}
    while True:
        more = {end for state in reached for end in CASE_TRANSITIONS[state].values()} | reached
        if more == reached:
            break
        reached = more
    assert reached == set(CaseState)


@pytest.mark.parametrize("result", [CaseResult.MERGED, CaseResult.WITHDRAWN])
def test_after_a_final_result_nothing_may_be_done(result: CaseResult) -> None:
    assert allowed(CaseState.CLOSED, result) == {}
    with pytest.raises(ConflictError):
        next_state(CaseState.CLOSED, result, CaseAct.WITHDRAW)
    assert next_state(CaseState.CLOSED, CaseResult.ACTION_TAKEN, CaseAct.WITHDRAW) is CaseState.CLOSED


def lead(number: int, name: str, uscc: str = "") -> Lead:
    made = suspicious(number, seller=Seller(name=name, uscc=uscc))
    return Lead(lead_id=f"l-{number}", screening=made, first_seen=NOON, last_seen=NOON)


def test_one_shop_or_one_code_is_one_operator_and_two_shops_need_words() -> None:
    assert operator_of([lead(1, "甲店"), lead(2, "甲店")]).settled
    same = operator_of([lead(1, "甲店", "91330106MA2AAAAA0X"), lead(2, "乙店", "91330106MA2AAAAA0X")])
    assert (same.settled, same.uscc, same.name) == (True, "91330106MA2AAAAA0X", "")
    for second in (lead(2, "乙店"), lead(2, "乙店", "91330106MA2AAAAA0X")):
        shown = operator_of([lead(1, "甲店"), second])
        assert not shown.settled
        assert shown.model_copy(update={"basis": "同一执照"}).settled


def test_two_codes_are_two_operators() -> None:
    with pytest.raises(ConflictError, match="different operators"):
        operator_of([lead(1, "甲店", "91330106MA2AAAAA0X"), lead(2, "甲店", "91330106MA2BBBBB0Y")])


def test_while_its_clock_is_suspended_a_case_lead_waits() -> None:
    waiting = set(allowed(CaseState.VERIFYING, None, suspended=True))
    assert waiting == {CaseAct.AMEND, CaseAct.RESUME, CaseAct.WITHDRAW}
    assert CaseAct.RESUME not in allowed(CaseState.VERIFYING, None)
    with pytest.raises(ConflictError, match="suspended"):
        next_state(CaseState.VERIFYING, None, CaseAct.FILE, suspended=True)


def test_a_clock_runs_on_for_the_working_days_that_it_was_suspended() -> None:
    monday = datetime(2026, 3, 16, 2, tzinfo=UTC)
    assert resumed_due(date(2026, 3, 20), date(2026, 3, 16), monday + timedelta(days=2)) == date(2026, 3, 24)
    assert resumed_due(date(2026, 3, 20), date(2026, 3, 20), monday + timedelta(days=5)) == date(2026, 3, 20), (
        "a weekend"
    )
    assert suspension_rule(date(2026, 3, 16)).article.startswith("市场监督管理行政处罚程序规定第十八条")
    with pytest.raises(ConflictError, match="no rule in force"):
        suspension_rule(date(2020, 3, 16))
