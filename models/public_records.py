"""Public records: what registers and notices show of firms and of the numbers that goods carry, as one snapshot.

Owns the rows that a user imports beside the registry (operators, penalties, numbers). They have no history of their
own: an import replaces a file's rows as a whole, and the version names the rows.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError

from models.errors import InputError
from models.registry import Operator, Penalty, rows_digest
from models.values import Value

RECORDS = "public-records"  # the name of the snapshot in a context
Row = TypeVar("Row", bound=Value)


class NumberRecord(Value):
    """A number as its register shows it (patents, licences, certificates). `kind` is a word of
    `detectors/wording/data/numbers.toml`; `valid_to` the last Shanghai day on which it holds, if it ends."""

    kind: Annotated[str, Field(min_length=1, max_length=64)]
    number: Annotated[str, Field(min_length=1, max_length=128)]
    holder: str = ""
    product: str = ""
    valid_to: date | None = None
    attributes: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class PublicRecords:
    """Every imported row of one organisation."""

    operators: tuple[Operator, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    numbers: tuple[NumberRecord, ...] = ()

    @cached_property
    def version(self) -> str:
        return rows_digest([*self.operators, *self.penalties, *self.numbers])

    @cached_property
    def operator_by_uscc(self) -> dict[str, Operator]:
        return {operator.uscc: operator for operator in self.operators}

    @cached_property
    def penalties_by_uscc(self) -> dict[str, tuple[Penalty, ...]]:
        """The penalties of each firm, newest first; those without a date last."""
        return {uscc: tuple(rows) for uscc, rows in _grouped(self.penalties).items()}


def records_to_bytes(records: PublicRecords) -> bytes:
    """The rows as JSON, in one order."""
    kinds = {"operators": records.operators, "penalties": records.penalties, "numbers": records.numbers}
    rows = {name: sorted((row.content() for row in found), key=json.dumps) for name, found in kinds.items()}
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def records_from_bytes(body: bytes) -> PublicRecords:
    """The rows again. Raises `InputError` for bytes that are none."""
    try:
        rows = json.loads(body)
        return PublicRecords(
            operators=_rows(Operator, rows["operators"]),
            penalties=_rows(Penalty, rows["penalties"]),
            numbers=_rows(NumberRecord, rows["numbers"]),
        )
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise InputError(f"these are no public records: {error}", where=f"snapshot {RECORDS}") from None


def _grouped(penalties: Iterable[Penalty]) -> dict[str, list[Penalty]]:
    found: dict[str, list[Penalty]] = {}
    for row in sorted(penalties, key=lambda row: (row.decided_on or date.min, row.case_no), reverse=True):
        found.setdefault(row.uscc, []).append(row)
    return found


def _rows(kind: type[Row], rows: list[object]) -> tuple[Row, ...]:
    return tuple(kind.model_validate(row) for row in rows)
