"""The three duties at acceptance: 收寄验视, 实名收寄, 过机安检 (快递暂行条例 22, 31, 32).

Owns what a record says about them. Leaves what a gap weighs to `detectors.triage`.
"""

from collections.abc import Iterator

from models.findings import Evidence, Stance
from models.subjects import ParcelRecord

INSPECTION, REAL_NAME, XRAY = "inspected_at_acceptance", "real_name_verified", "xray_screened"
MISSING = {INSPECTION: "inspection-missing", REAL_NAME: "real-name-missing", XRAY: "xray-missing"}
UNRECORDED, EXEMPT = "duty-unrecorded", "identity-exempt"
PAPERS = {INSPECTION: "收寄验视", REAL_NAME: "实名收寄", XRAY: "过机安检"}


def duty_evidence(parcel: ParcelRecord) -> list[Evidence]:
    """A duty recorded as not done is a finding for. One that is not recorded is a weak one, and only where the record
    tells of another duty: a feed without such columns says nothing. Letters and agreement customers are exempt from
    the identity check."""
    told = {
        INSPECTION: parcel.inspected_at_acceptance,
        REAL_NAME: parcel.real_name_verified,
        XRAY: parcel.xray_screened,
    }
    return list(_gaps(told, exempt=parcel.identity_exempt, outlet=parcel.outlet))


def _gaps(told: dict[str, bool | None], *, exempt: bool, outlet: str) -> Iterator[Evidence]:
    recorded = any(done is not None for done in told.values())
    for field, done in told.items():
        if done or (done is None and not recorded):
            continue
        if field == REAL_NAME and exempt:
            if done is False:
                yield _evidence(EXEMPT, Stance.AGAINST, field, outlet)
            continue
        yield _evidence(MISSING[field] if done is False else UNRECORDED, Stance.FOR, field, outlet)


def _evidence(fact: str, stance: Stance, field: str, outlet: str) -> Evidence:
    value = "false" if fact != UNRECORDED else "unknown"
    params = (("duty", PAPERS[field]), ("outlet", outlet))
    return Evidence(fact=fact, stance=stance, score=1.0, field=field, subject_value=value, params=params)
