"""A check holds for the row that it was made of, for a while, and says what it needs to."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from models.mark_checks import LONGEST_DAYS, CheckResult, CheckStanding, Compared, MarkCheck, day_of, standing_of
from models.registry import Mark, MarkStatus
from tests.models.storage.samples import NOON, at

MARK = Mark(mark_id="m-1", text="晴川", registration_no="90000001", valid_to=date(2026, 3, 20))
BOTH = (Compared.CERTIFICATE, Compared.STATUS)


def check(
    mark: Mark = MARK,
    *,
    days: int = 30,
    result: CheckResult = CheckResult.AGREES,
    compared: tuple[Compared, ...] = BOTH,
) -> MarkCheck:
    return MarkCheck(
        mark=mark, compared=compared, source="注册证原件", result=result, by="li", at=NOON,
        valid_until=day_of(NOON) + timedelta(days=days),
    )  # fmt: skip


def test_where_a_mark_stands() -> None:
    day = 24 * 60
    assert standing_of(MARK, check(), NOON) is CheckStanding.CHECKED
    assert standing_of(MARK, None, NOON) is CheckStanding.NEVER
    assert standing_of(None, check(), NOON) is CheckStanding.GONE
    assert standing_of(MARK, check(result=CheckResult.NOT_FOUND), NOON) is CheckStanding.DIFFERS
    assert standing_of(MARK, check(days=5), at(5 * day)) is CheckStanding.CHECKED
    assert standing_of(MARK, check(days=5), at(6 * day)) is CheckStanding.EXPIRED
    assert standing_of(MARK, check(days=60), at(30 * day)) is CheckStanding.NOT_IN_FORCE
    pending = MARK.model_copy(update={"status": MarkStatus.PENDING})
    assert standing_of(pending, check(pending), NOON) is CheckStanding.NOT_IN_FORCE


@pytest.mark.parametrize(
    "change",
    [{"text": "晴川江"}, {"registration_no": "1"}, {"aliases": ("x",)}, {"images": ("a.png",)}, {"valid_to": None}],
)
def test_any_change_asks_for_another_check(change: dict[str, object]) -> None:
    assert standing_of(MARK.model_copy(update=change), check(), NOON) is CheckStanding.CHANGED


def test_agreement_needs_certificate_and_status() -> None:
    for compared in ((Compared.CERTIFICATE,), (Compared.STATUS, Compared.DATES), ()):
        with pytest.raises(ValidationError):
            check(compared=compared)
    assert check(compared=(Compared.STATUS,), result=CheckResult.DIFFERS).compared


def test_no_check_holds_for_ever_or_from_before_it_was_made() -> None:
    for days in (-1, LONGEST_DAYS + 1):
        with pytest.raises(ValidationError):
            check(days=days)
