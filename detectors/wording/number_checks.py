"""Checking numbers (编号核验): what is wrong with a stated number, by its form and by the tables that a user imported.

Owns the facts that follow from a number: malformed, unknown, expired, of another holder or product, confirmed, missing.
Leaves reading numbers from text to `detectors.wording.numbers`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from detectors.wording.lines import Line, folded
from detectors.wording.numbers import NumberKind, Stated, canonical, kinds, stated_numbers
from models.findings import Evidence, Parameter, Stance
from models.public_records import NumberRecord, PublicRecords
from models.registry import within
from models.subjects import Listing

MALFORMED, UNKNOWN, EXPIRED = "number-malformed", "number-unknown", "number-expired"
MISMATCH, MISSING, CONFIRMED = "number-mismatch", "number-missing", "number-confirmed"
NUMBERS_AT_MOST = 6
DETAILS = 40  # a page with a description of so many characters, or so many attributes, could state its number
ATTRIBUTES = 4

# Attributes in which a page names the firm behind the goods.
FIRM_FIELDS = (
    "生产企业",
    "厂名",
    "生产商",
    "制造商",
    "生产厂家",
    "专利权人",
    "注册人",
    "备案人",
    "持有人",
    "登记证持有人",
    "manufacturer",
)
LEGAL_FORM = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|集团|公司|厂|\(.*?\)|（.*?）)")

REASONS = {
    "form": ("位数或格式不符", "wrong length or form"),
    "check-digit": ("校验位不符", "wrong check digit"),
    "holder": ("持有人不符", "another holder"),
    "product": ("产品不符", "another product"),
}


class NumberTable:
    """The imported numbers by kind and canonical number."""

    def __init__(self, records: PublicRecords) -> None:
        self.rows: dict[tuple[str, str], NumberRecord] = {}
        self.counts: dict[str, int] = {}
        for record in records.numbers:
            self.rows[record.kind, canonical(record.kind, record.number)] = record
            self.counts[record.kind] = self.counts.get(record.kind, 0) + 1


def number_evidence(listing: Listing, lines: Sequence[Line], table: NumberTable, as_of: datetime) -> Iterator[Evidence]:
    """What the numbers of a page say, in the order in which they stand; then the one that its goods should carry."""
    told: set[tuple[str, str]] = set()
    for stated in [number for line in lines for number in stated_numbers(line)]:
        name = (stated.kind.id, stated.number)
        if name not in told and len(told) < NUMBERS_AT_MOST:
            told.add(name)
            yield from _judged(stated, listing, table, as_of)
    yield from _missing(listing, {kind for kind, _ in told})


def _judged(stated: Stated, listing: Listing, table: NumberTable, as_of: datetime) -> Iterator[Evidence]:
    if stated.fault:
        yield _evidence(MALFORMED, Stance.FOR, stated, stated.sure, REASONS[stated.fault])
        return
    record = table.rows.get((stated.kind.id, stated.number))
    if record is None:
        if rows := table.counts.get(stated.kind.id, 0):
            yield _evidence(UNKNOWN, Stance.FOR, stated, 0.5, (f"已导入{rows}条", f"{rows} rows imported"))
        return
    against = _contradiction(record, listing)
    if not within(None, record.valid_to, as_of):
        day = f"{record.valid_to}"
        yield _evidence(EXPIRED, Stance.FOR, stated, 0.9, (day, day), day)
    elif against is None:
        yield _evidence(CONFIRMED, Stance.AGAINST, stated, 1.0, ("登记一致", "as registered"), record.holder)
    if against is not None:
        reason, registered = against
        yield _evidence(MISMATCH, Stance.FOR, stated, 0.8 if reason == "holder" else 0.6, REASONS[reason], registered)


def _contradiction(record: NumberRecord, listing: Listing) -> tuple[str, str] | None:
    """What of the record contradicts the page: its holder where the page names a firm, its product where nothing of
    its name stands on the page."""
    firms = [text for name, text in listing.attributes.items() if name.casefold() in FIRM_FIELDS]
    if record.holder and firms and not any(same_firm(record.holder, firm) for firm in firms):
        return "holder", record.holder
    page = folded(" ".join((listing.title, listing.category, listing.description)))
    named = folded(record.product)
    parts = [named[place : place + 2] for place in range(len(named) - 1)]
    if parts and not any(part in page for part in parts):
        return "product", record.product
    return None


def same_firm(one: str, other: str) -> bool:
    """Legal form and brackets tell no two firms apart; one name may be part of the other."""
    first, second = (folded(LEGAL_FORM.sub("", text)) for text in (one, other))
    return bool(first and second) and (first in second or second in first)


def _missing(listing: Listing, stated: set[str]) -> Iterator[Evidence]:
    """A kind of number that the category needs, on a page with room for it."""
    if len(listing.description) < DETAILS and len(listing.attributes) < ATTRIBUTES:
        return
    for kind in kinds():
        needed = next((word for word in kind.needs if word in listing.category.casefold()), "")
        if needed and kind.id not in stated:
            yield Evidence(
                fact=MISSING,
                stance=Stance.FOR,
                score=0.5,
                field="category",
                subject_value=needed,
                reference_value=kind.zh,
                params=_params(kind, "", (kind.zh, kind.en)),
            )
            return


def _evidence(
    fact: str, stance: Stance, stated: Stated, score: float, reason: tuple[str, str], registered: str = ""
) -> Evidence:
    return Evidence(
        fact=fact,
        stance=stance,
        score=score,
        field=stated.field,
        subject_value=stated.text,
        reference_value=registered,
        span=(stated.start, stated.end),
        params=_params(stated.kind, stated.number, reason),
    )


def _params(kind: NumberKind, number: str, reason: tuple[str, str]) -> tuple[tuple[str, Parameter], ...]:
    return (
        ("rule", f"num-{kind.id}"),
        ("basis", kind.source),
        ("kind_zh", kind.zh),
        ("kind_en", kind.en),
        ("number", number),
        ("reason_zh", reason[0]),
        ("reason_en", reason[1]),
    )
