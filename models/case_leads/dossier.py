"""The dossier (线索卷宗): what a case lead holds, frozen, versioned, and proved by its digest."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from models.case_leads.answers import Answer, Counter, counters, unanswered
from models.case_leads.estimate import Estimate
from models.case_leads.operators import CaseOperator
from models.case_leads.sources import CaseSource, Clock
from models.identity import LOCAL, sha256_of
from models.law import Rule, law
from models.leads import Cell, Lead
from models.moments import SHANGHAI
from models.pictures import PictureReading, Sha256
from models.registry import AuthorisedSeller, Mark, ReferenceGoods
from models.values import Value

SCHEMA_VERSION = 2

# The rule that each cell of the legal test rests on; cells without one are outside it or not yet known.
CELL_RULES: dict[Cell, str] = {
    Cell.SAME_SAME: "same-mark-same-goods",
    Cell.SAME_SIMILAR: "similar-mark-or-goods",
    Cell.SIMILAR_SAME: "similar-mark-or-goods",
    Cell.SIMILAR_SIMILAR: "similar-mark-or-goods",
}


class Attachment(Value):
    """A file that an officer adds by its hash (附件): its bytes are kept where `source` says."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    sha256: Sha256
    source: Annotated[str, Field(max_length=500)] = ""
    at: AwareDatetime | None = None


class Dossier(Value):
    """Everything as it stood at acceptance: leads with findings for and against, the marks and goods they name and
    the sellers authorised for those marks as the registry had them at the screening, the pictures with their hashes,
    and the law of that day. Nothing in it is looked up again later.

    From version 2 on `made_by`, `made_at` and `amendment` say who changed it, when and why, and `previous_digest`
    chains it to the version before."""

    schema_version: int = SCHEMA_VERSION
    case_number: str
    organisation_id: str = LOCAL
    accepted_by: str
    accepted_at: AwareDatetime
    note: str = ""
    leads: tuple[Lead, ...]
    marks: tuple[Mark, ...] = ()
    goods: tuple[ReferenceGoods, ...] = ()
    authorised: tuple[AuthorisedSeller, ...] = ()
    pictures: tuple[PictureReading, ...] = ()
    version: Annotated[int, Field(ge=1)] = 1
    made_by: str = ""
    made_at: AwareDatetime | None = None
    amendment: str = ""
    previous_digest: str = ""
    source: CaseSource | None = None
    clock: Clock | None = None
    law: tuple[Rule, ...] = ()
    operator: CaseOperator = CaseOperator()
    second_officer: str = ""
    reasoning: str = ""
    answers: tuple[Answer, ...] = ()
    estimate: Estimate = Estimate()
    attachments: tuple[Attachment, ...] = ()

    @property
    def words(self) -> dict[str, Any]:
        """The dossier as JSON-ready data, in the fields of its own schema: what its digest is taken of."""
        unknown = {name for since, names in FIELDS_SINCE.items() if since > self.schema_version for name in names}
        return self.model_dump(mode="json", exclude=unknown)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical dossier, in hex: equal digests, equal dossiers."""
        return sha256_of(self.words)

    @property
    def day(self) -> date:
        """The Shanghai day of acceptance: the law of this day is the dossier's."""
        return self.accepted_at.astimezone(SHANGHAI).date()

    @property
    def law_of_its_day(self) -> tuple[Rule, ...]:
        """The rules frozen with it; for a dossier older than the table, those that were in force on its day."""
        return self.law or law().on(self.day)

    @property
    def counters(self) -> tuple[Counter, ...]:
        return counters(self.leads, self.answers)

    @property
    def unanswered(self) -> tuple[Counter, ...]:
        return unanswered(self.leads, self.answers)

    def rule_of(self, cell: Cell | None) -> Rule | None:
        """The rule, as of the dossier's day, that a cell rests on."""
        wanted = CELL_RULES.get(cell) if cell else None
        return next((rule for rule in self.law_of_its_day if rule.rule_id == wanted), None)


# Fields that a schema version brought: dossiers of an earlier one are written, and digested, without them.
FIELDS_SINCE: dict[int, frozenset[str]] = {
    2: frozenset(
        {"version", "made_by", "made_at", "amendment", "previous_digest", "source", "clock", "law", "operator",
         "second_officer", "reasoning", "answers", "estimate", "attachments"}
    )
}  # fmt: skip


class CaseLead(Value):
    """A registered case lead in one version: its number (`年度-序号`, unique within the organisation), that version's
    dossier and digest."""

    organisation_id: str = LOCAL
    case_number: str
    dossier: Dossier
    dossier_digest: str
    registered_at: AwareDatetime


def sealed(dossier: Dossier, registered_at: AwareDatetime) -> CaseLead:
    """The dossier as a case lead, with its digest."""
    return CaseLead(
        organisation_id=dossier.organisation_id,
        case_number=dossier.case_number,
        dossier=dossier,
        dossier_digest=dossier.digest,
        registered_at=registered_at,
    )


def once(rows: Iterable[Any]) -> tuple[Any, ...]:
    """The rows in their order, equal ones once."""
    return tuple({row.model_dump_json(): row for row in rows}.values())
