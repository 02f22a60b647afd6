"""Public records from files: operators, penalties and numbers read together, and the user's own wording rules.

Owns putting the files together. Rows that name a kind of number which no rule knows are kept and said.
"""

from dataclasses import dataclass
from pathlib import Path

from detectors.wording import WordingRules, with_own
from detectors.wording.numbers import kinds
from jianzhen.rules_files import override_texts
from models.formats import Rejects, read_numbers, read_operators, read_penalties
from models.public_records import PublicRecords
from models.values import Value


@dataclass(frozen=True)
class RecordFiles:
    """The files of public records; those that are not named contribute nothing."""

    operators: Path | None = None
    penalties: Path | None = None
    numbers: Path | None = None

    @property
    def first(self) -> Path | None:
        """The first file named; None when none is."""
        return self.operators or self.penalties or self.numbers

    def rows(self, rejects: Rejects) -> dict[str, tuple[Value, ...]]:
        """Every good row, by the kind of file that was named. Raises `FileRejected`."""
        found: dict[str, tuple[Value, ...]] = {}
        if self.operators:
            found["operators"] = read_operators(self.operators, rejects)
        if self.penalties:
            found["penalties"] = read_penalties(self.penalties, rejects)
        if self.numbers:
            numbers = read_numbers(self.numbers, rejects)
            known = {kind.id for kind in kinds()}
            strange = sorted({row.kind for row in numbers} - known)
            if strange:
                what = {"value": ", ".join(strange[:5]), "choices": ", ".join(sorted(known))}
                rejects.notice(0, "unknown-number-kind", field="kind", file=self.numbers.name, **what)
            found["numbers"] = numbers
        return found

    def read(self, rejects: Rejects) -> PublicRecords:
        """The same as records of their own."""
        return PublicRecords(**self.rows(rejects))  # type: ignore[arg-type]


def load_wording(named: str) -> WordingRules | None:
    """The shipped rules of wording with a user's own laid over them; None where no file is named. Raises
    `ConfigurationError` for a file that is missing, unreadable or wrong."""
    return with_own(override_texts(Path(named))) if named else None
