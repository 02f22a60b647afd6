"""Operators: the firm behind a shop by its credit code: whether it can be one, whose it is, what it was fined for.

Owns what registers and published penalties say. They are public records of legal persons and sole traders; the page's
own words are compared with them, never with anything else.
"""

from collections.abc import Iterator
from datetime import datetime

from detectors.behaviour.policy import attribute, policy
from detectors.check_digits import uscc_check
from detectors.wording.lines import folded
from detectors.wording.number_checks import same_firm
from models.findings import Evidence, Parameter, Stance
from models.moments import SHANGHAI
from models.public_records import PublicRecords
from models.registry import Operator, Penalty
from models.subjects import Listing

FIELD = "seller.uscc"
LENGTH, OLD_LENGTH = 18, 15
DAYS_A_YEAR = 365.25


def operator_evidence(listing: Listing, records: PublicRecords, as_of: datetime) -> Iterator[Evidence]:
    """The code's form; then what the records say of its firm."""
    code = listing.seller.uscc.strip().upper()
    written = code or listing.attributes.get(FIELD, "").strip().upper()
    if not written or "*" in written or len(written) == OLD_LENGTH:  # masked, or a number from before 2015
        return
    fault = _fault(written)
    if fault:
        yield _told("credit-code-invalid", Stance.FOR, 0.8 if fault == "check" else 0.5, written, "", fault)
        return
    operator = records.operator_by_uscc.get(written)
    if operator is not None:
        yield from _registered(listing, operator, written)
    penalties = records.penalties_by_uscc.get(written, ())
    if penalties:
        yield _penalised(written, penalties, as_of)


def _fault(code: str) -> str:
    try:
        if len(code) != LENGTH:
            return "form"
        return "" if uscc_check(code) == code[-1] else "check"
    except ValueError:
        return "form"


def _registered(listing: Listing, operator: Operator, code: str) -> Iterator[Evidence]:
    status = operator.status.casefold()
    inactive = next((word for word in policy()["operators"]["not_active"] if word in status), "")
    stated = _stated_firm(listing)
    if inactive:
        yield _told("operator-not-active", Stance.FOR, 0.9, code, operator.name, operator.status)
    if stated and operator.name and not same_firm(operator.name, stated):
        yield _told("credit-code-mismatch", Stance.FOR, 0.8, code, operator.name, stated)
    elif not inactive:
        yield _told("operator-confirmed", Stance.AGAINST, 1.0 if stated else 0.5, code, operator.name, operator.status)


def _stated_firm(listing: Listing) -> str:
    """The firm that the page names: in an attribute, or as the shop's name where that has a legal form."""
    stated = attribute(listing, "firm")
    name = listing.seller.name
    forms = policy()["fields"]["legal_forms"]
    return stated or (name if any(folded(form) in folded(name) for form in forms) else "")


def _penalised(code: str, penalties: tuple[Penalty, ...], as_of: datetime) -> Evidence:
    """The weightiest penalty, with how many there are."""
    scored = [(_weight(penalty, as_of), place) for place, penalty in enumerate(penalties)]
    score, place = max(scored, key=lambda each: (each[0], -each[1]))
    penalty = penalties[place]
    day = f"{penalty.decided_on}" if penalty.decided_on else ""
    params: tuple[tuple[str, Parameter], ...] = (
        ("count", len(penalties)),
        ("decided_on", day or "?"),
        ("authority", penalty.authority),
        ("case_no", penalty.case_no),
        ("ground", penalty.ground),
        ("mark_text", penalty.mark_text),
    )
    return Evidence(
        fact="earlier-penalty",
        stance=Stance.FOR,
        score=score,
        field=FIELD,
        subject_value=code,
        reference_value=penalty.case_no or penalty.ground,
        params=params,
    )


def _weight(penalty: Penalty, as_of: datetime) -> float:
    table = policy()["penalties"]
    related = bool(penalty.mark_text) or any(word in penalty.ground for word in table["grounds"])
    weight = 1.0 if related else float(table["other_ground"])
    today = as_of.astimezone(SHANGHAI).date()
    if penalty.decided_on is None or (today - penalty.decided_on).days > table["years"] * DAYS_A_YEAR:
        weight *= float(table["older"])
    return weight


def _told(fact: str, stance: Stance, score: float, code: str, registered: str, detail: str) -> Evidence:
    return Evidence(
        fact=fact,
        stance=stance,
        score=score,
        field=FIELD,
        subject_value=code,
        reference_value=registered,
        params=(("detail", detail),),
    )
