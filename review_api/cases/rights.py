"""The rights behind a case lead: which marks it rests on, and whether each was checked as it stands today. Nothing
leaves that rests on one which was not."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from models.case_leads import Dossier
from models.errors import UncheckedMark
from models.mark_checks import CheckStanding, MarkCheck, rests_on, standing_of
from models.ports import Store
from models.registry import Mark
from review_api.desk import Desk
from review_api.sessions import Visitor

# Why a mark keeps something from leaving, in both languages.
WHY: Mapping[CheckStanding, str] = {
    CheckStanding.NEVER: "尚未核验 / not checked yet",
    CheckStanding.CHANGED: "核验后有变更，须重新核验 / changed since it was checked",
    CheckStanding.EXPIRED: "核验已过有效期 / the check has expired",
    CheckStanding.DIFFERS: "核验结果不一致 / the check found it differs",
    CheckStanding.NOT_IN_FORCE: "不是有效注册状态 / not in force",
    CheckStanding.GONE: "已不在权利库中 / no longer in the registry",
}


class CheckedRight(NamedTuple):
    """One mark of a dossier: as the dossier has it, and where it stands in the registry today."""

    mark_id: str
    text: str
    standing: CheckStanding
    check: MarkCheck | None

    @property
    def name(self) -> str:
        return f"{self.text} ({self.mark_id})" if self.text else self.mark_id


def rights_of(store: Store, organisation_id: str, dossier: Dossier, at: datetime) -> tuple[CheckedRight, ...]:
    """Every mark that the dossier rests on, in the order of its leads."""
    wanted = rests_on(dossier)
    if not wanted:
        return ()
    standing = store.registry.current(organisation_id).mark_by_id
    frozen = {mark.mark_id: mark for mark in dossier.marks}
    return tuple(_right(store, organisation_id, mark_id, standing.get(mark_id), frozen, at) for mark_id in wanted)


def require_checked_marks(store: Store, organisation_id: str, dossier: Dossier, at: datetime) -> None:
    """Raises `UncheckedMark`, which names every mark in the way and why."""
    missing = [each for each in rights_of(store, organisation_id, dossier, at) if each.standing in WHY]
    if missing:
        zh = "；".join(f"“{each.name}”{WHY[each.standing].partition(' / ')[0]}" for each in missing)
        en = "; ".join(f"{each.name} is {WHY[each.standing].partition(' / ')[2]}" for each in missing)
        raise UncheckedMark(
            f"所涉商标未经核验，不得对外移送：{zh} / nothing may leave on a mark that was not checked: {en}",
            where=", ".join(each.name for each in missing),
            mend="由经办人在“商标核验”中核对 / an officer compares certificate and status, see Checks",
        )


def require_rights(at_desk: Desk, caller: Visitor, case_number: str) -> None:
    """The same for a case lead that is about to be handed over."""
    dossier = at_desk.store.case_leads.get(caller.organisation_id, case_number).dossier
    require_checked_marks(at_desk.store, caller.organisation_id, dossier, at_desk.clock())


def _right(
    store: Store, organisation_id: str, mark_id: str, mark: Mark | None, frozen: Mapping[str, Mark], at: datetime
) -> CheckedRight:
    check = next(iter(store.mark_checks.of_mark(organisation_id, mark_id)), None)
    shown = mark or frozen.get(mark_id)
    return CheckedRight(mark_id, shown.text if shown else "", standing_of(mark, check, at), check)
