"""Checking marks: which marks of a unit wait for an officer, and recording a check."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from pydantic import ValidationError

from models.errors import ConflictError, InputError, NotFoundError
from models.mark_checks import USUAL_DAYS, CheckResult, CheckStanding, Compared, MarkCheck, day_of, standing_of
from models.registry import Mark, row_digest
from review_api.desk import Desk
from review_api.sessions import Visitor

# A check that ends within so many days is told early.
SOON_DAYS = 14


class MarkStanding(NamedTuple):
    """One mark of the registry, its newest check, and where it stands."""

    mark: Mark
    check: MarkCheck | None
    standing: CheckStanding

    @property
    def due(self) -> bool:
        return self.standing is not CheckStanding.CHECKED

    def soon(self, at: datetime) -> bool:
        """Whether a check that still holds is about to end."""
        holds = self.check is not None and not self.due
        return holds and self.check is not None and self.check.valid_until <= day_of(at) + timedelta(days=SOON_DAYS)


class Comparison(NamedTuple):
    """What an officer says of a mark; `seen` names the row that was on the page."""

    compared: tuple[Compared, ...]
    source: str
    result: CheckResult
    seen: str
    note: str = ""
    valid_until: date | None = None


def standings(at_desk: Desk, caller: Visitor) -> tuple[MarkStanding, ...]:
    """Every mark of the unit, those that wait first, then by number."""
    registry = at_desk.registries.current(at_desk.store.registry, caller.organisation_id)
    newest, at = at_desk.store.mark_checks.newest(caller.organisation_id), at_desk.clock()
    found = [
        MarkStanding(mark, check := newest.get(mark.mark_id), standing_of(mark, check, at)) for mark in registry.marks
    ]
    return tuple(sorted(found, key=lambda each: (not each.due, each.mark.mark_id)))


def standing_now(at_desk: Desk, caller: Visitor, mark_id: str) -> MarkStanding:
    """Raises `NotFoundError`."""
    registry = at_desk.registries.current(at_desk.store.registry, caller.organisation_id)
    mark = registry.mark_by_id.get(mark_id)
    if mark is None:
        raise NotFoundError("no such mark", where=mark_id)
    check = next(iter(at_desk.store.mark_checks.of_mark(caller.organisation_id, mark_id)), None)
    return MarkStanding(mark, check, standing_of(mark, check, at_desk.clock()))


def usual_end(mark: Mark, at: datetime) -> date:
    """Until when a check is proposed to hold: half a year, but not beyond the mark's own term."""
    end = day_of(at) + timedelta(days=USUAL_DAYS)
    return end if mark.valid_to is None or mark.valid_to < day_of(at) else min(end, mark.valid_to)


def check_mark(at_desk: Desk, caller: Visitor, mark_id: str, said: Comparison) -> MarkCheck:
    """Record a check of the mark as it stands. Raises `NotFoundError`; `ConflictError` when it is no longer the row
    that the officer saw; `InputError` for a check that says too little."""
    mark, at = standing_now(at_desk, caller, mark_id).mark, at_desk.clock()
    if said.seen not in (row_digest(mark), "*"):
        raise ConflictError(
            "打开页面后商标有变更，核验没有保存 / the mark was changed meanwhile; the check was not saved",
            where=mark_id,
            mend="重新打开后核对 / load it again and compare",
        )
    try:
        check = MarkCheck(
            organisation_id=caller.organisation_id,
            mark=mark,
            compared=tuple(each for each in Compared if each in said.compared),
            source=said.source.strip(),
            result=said.result,
            note=said.note.strip(),
            by=caller.account.name,
            at=at,
            valid_until=said.valid_until or usual_end(mark, at),
        )
    except ValidationError as error:
        raise _told(error) from None
    at_desk.store.mark_checks.add(check)
    return check


# What may be wrong with a check, by field; the rest is about the check as a whole.
FAULTS = {
    "compared": ("请勾选核对了哪些内容", "say what was compared"),
    "source": ("请写明核对依据，如注册证原件", "say what it was compared with, such as the certificate"),
    "certificate": ("结果一致须同时核对注册证和当前状态", "agreement needs both certificate and status compared"),
    "days": ("有效期须在今天之后、一年之内", "it holds from today on, a year at most"),
}


def _told(error: ValidationError) -> InputError:
    fault = error.errors(include_input=False, include_url=False)[0]
    field = str(fault["loc"][0]) if fault["loc"] else ""
    if not field:
        field = "certificate" if "certificate" in fault["msg"] else "days"
    zh, en = FAULTS.get(field, ("请检查所填内容", "check what was filled in"))
    return InputError(f"{zh} / {en}", where=field)
