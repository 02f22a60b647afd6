"""labels.jsonl: what a person says each listing should yield.

Owns: reading labels. Leaves to others: comparing them with leads (`jianzhen eval`).
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from models.formats import cells
from models.formats.reasons import RowFault
from models.formats.rejects import Rejects
from models.formats.tables import read_rows
from models.values import Value

FIELDS = frozenset({"listing_id", "expect", "mark_id"})


class Expectation(StrEnum):
    """A `price-lead` is found when the listing is flagged and has a finding for, by the detector `price`."""

    LEAD = "lead"
    PRICE_LEAD = "price-lead"
    NONE = "none"


class Label(Value):
    """One listing's expectation. `groups` are the further fields to report by (`trick`, `group`)."""

    listing_id: Annotated[str, Field(min_length=1)]
    expect: Expectation
    mark_id: str = ""
    groups: dict[str, str] = Field(default_factory=dict)


def read_labels(path: Path, rejects: Rejects) -> tuple[Label, ...]:
    """Every good label in file order. A lead that names no mark, or an id given twice, is refused."""
    labels: list[Label] = []
    seen: dict[str, int] = {}
    for row in read_rows(path, rejects, required=("listing_id", "expect")):
        try:
            label = _label(row.values)
            first = seen.setdefault(label.listing_id, row.line)
            if first != row.line:
                raise RowFault("duplicate", field="listing_id", value=label.listing_id, first=first)
            labels.append(label)
        except RowFault as fault:
            rejects.fault(row.line, fault, raw=row.raw, file=path.name)
    return tuple(labels)


def _label(values: dict[str, Any]) -> Label:
    expect = Expectation(cells.choice_of({"expect": cells.required(values, "expect")}, "expect", Expectation, ""))
    mark_id = cells.text_of(values, "mark_id")
    if expect is Expectation.LEAD and not mark_id:
        raise RowFault("missing", field="mark_id")
    return Label(
        listing_id=cells.required(values, "listing_id"),
        expect=expect,
        mark_id=mark_id,
        groups=cells.leftovers(values, FIELDS),
    )
