"""The store of case leads: registering, reading, and every change of them, each in one transaction."""

from datetime import datetime

from sqlalchemy import Connection, Engine, select

from models.case_leads import (
    MONITORING,
    Amendment,
    CaseAct,
    CaseEvent,
    CaseLead,
    CaseStanding,
    CaseVersion,
    ExportRecord,
    Move,
    sealed,
    source,
    summary_of,
)
from models.case_leads.keeping import CasePage, CaseQuery
from models.errors import InputError
from models.leads import Decision, Disposition
from models.storage import journal
from models.storage.cases import moving, regrouping, standings, versions
from models.storage.cases.freezing import freeze, next_number, require_force
from models.storage.engine import reading, writing
from models.storage.leads import change_dispositions, load_leads
from models.storage.queue.standing import kept
from models.storage.tables import case_standings

NO_LIMIT = 10**9


class SqlCaseLeadStore:
    """Implements `models.case_leads.keeping.CaseLeadStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def register(
        self,
        organisation_id: str,
        revisions: dict[str, int],
        *,
        by: str,
        at: datetime,
        note: str = "",
        source: str = MONITORING,
        source_detail: str = "",
    ) -> CaseLead:
        """See the port. Raises `ConflictError` too when a lead names marks of a registry version that this store
        does not hold: its dossier could not show them."""
        came_from = _source(source, source_detail)
        if not revisions:
            raise InputError("a case lead needs at least one lead", where="leads")
        decision = Decision(disposition=Disposition.ACCEPTED, reason=note, decided_by=by, decided_at=at)
        with writing(self._engine) as connection:
            number = next_number(connection, organisation_id, at)
            with kept(connection, organisation_id, revisions, at=at):
                change_dispositions(connection, organisation_id, revisions, decision, case_number=number)
            leads = tuple(load_leads(connection, organisation_id, list(revisions)).values())
            require_force(connection, organisation_id, leads, at)
            dossier = freeze(
                connection, organisation_id, leads, number=number, by=by, at=at, note=note, source=came_from
            )
            case_lead = sealed(dossier, at)
            versions.add_first(connection, case_lead)
            _stand(connection, case_lead, by=by, at=at)
        return case_lead

    def get(self, organisation_id: str, case_number: str, *, version: int = 0) -> CaseLead:
        """See the port."""
        with reading(self._engine) as connection:
            standing = standings.read(connection, organisation_id, case_number)
            return versions.read_version(connection, organisation_id, case_number, version or standing.version)

    def all(self, organisation_id: str) -> tuple[CaseLead, ...]:
        """See the port."""
        table = case_standings
        query = (
            select(table.c.body)
            .where(table.c.organisation_id == organisation_id)
            .order_by(table.c.registered_at.desc(), table.c.case_number.desc())
        )
        with reading(self._engine) as connection:
            found = [CaseStanding.model_validate_json(body) for body in connection.execute(query).scalars()]
            return tuple(
                versions.read_version(connection, organisation_id, each.case_number, each.version) for each in found
            )

    def find(self, organisation_id: str, query: CaseQuery) -> CasePage:
        """See the port."""
        with reading(self._engine) as connection:
            return standings.page(connection, organisation_id, query)

    def standing(self, organisation_id: str, case_number: str) -> CaseStanding:
        """See the port."""
        with reading(self._engine) as connection:
            return standings.read(connection, organisation_id, case_number)

    def versions(self, organisation_id: str, case_number: str) -> tuple[CaseVersion, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            newest = standings.read(connection, organisation_id, case_number).version
            found = [
                versions.read_version(connection, organisation_id, case_number, version)
                for version in range(1, newest + 1)
            ]
        return tuple(
            CaseVersion(
                version=each.dossier.version,
                dossier_digest=each.dossier_digest,
                made_by=each.dossier.made_by or each.dossier.accepted_by,
                made_at=each.dossier.made_at or each.dossier.accepted_at,
                reason=each.dossier.amendment,
            )
            for each in found
        )

    def events(self, organisation_id: str, case_number: str) -> tuple[CaseEvent, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            standings.read(connection, organisation_id, case_number)
            found = journal.entries(
                connection, organisation_id, journal.CASE_EVENTS, CaseEvent, about=case_number, limit=NO_LIMIT
            )
        return tuple(entry for _, entry in found)

    def move(
        self, organisation_id: str, case_number: str, move: Move, *, revision: int, by: str, at: datetime
    ) -> CaseStanding:
        """See the port."""
        with writing(self._engine) as connection:
            standing = standings.seen(connection, organisation_id, case_number, revision)
            return moving.move(connection, standing, move, by=by, at=at)

    def amend(
        self, organisation_id: str, case_number: str, amendment: Amendment, *, revision: int, by: str, at: datetime
    ) -> CaseLead:
        """See the port."""
        with writing(self._engine) as connection:
            standing = standings.seen(connection, organisation_id, case_number, revision)
            return moving.amend(connection, standing, amendment, by=by, at=at)

    def split(
        self,
        organisation_id: str,
        case_number: str,
        lead_ids: tuple[str, ...],
        *,
        reason: str,
        revision: int,
        by: str,
        at: datetime,
    ) -> CaseLead:
        """See the port."""
        with writing(self._engine) as connection:
            standing = standings.seen(connection, organisation_id, case_number, revision)
            return regrouping.split(connection, standing, lead_ids, reason=reason, by=by, at=at)

    def merge(
        self, organisation_id: str, into: str, revisions: dict[str, int], *, reason: str, by: str, at: datetime
    ) -> CaseLead:
        """See the port."""
        if into not in revisions:
            raise InputError("the revision of the case lead that stays is missing", where="revisions")
        with writing(self._engine) as connection:
            found = {
                number: standings.seen(connection, organisation_id, number, revision)
                for number, revision in sorted(revisions.items())  # one order of locks for everybody
            }
            others = [standing for number, standing in found.items() if number != into]
            return regrouping.merge(connection, found[into], others, reason=reason, by=by, at=at)

    def record_export(self, organisation_id: str, record: ExportRecord) -> ExportRecord:
        """See the port."""
        with writing(self._engine) as connection:
            standings.read(connection, organisation_id, record.case_number)
            number = journal.append(
                connection, organisation_id, journal.CASE_EXPORTS, record, about=record.case_number, at=record.at
            )
        return record.model_copy(update={"number": number})

    def exports(self, organisation_id: str, case_number: str) -> tuple[ExportRecord, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            standings.read(connection, organisation_id, case_number)
            found = journal.entries(
                connection, organisation_id, journal.CASE_EXPORTS, ExportRecord, about=case_number, limit=NO_LIMIT
            )
        return tuple(entry.model_copy(update={"number": number}) for number, entry in found)


_source = source


def _stand(connection: Connection, case_lead: CaseLead, *, by: str, at: datetime) -> None:
    """Its first standing: registered, with its clock running."""
    dossier = case_lead.dossier
    standing = CaseStanding.model_validate(
        {
            "organisation_id": case_lead.organisation_id,
            "case_number": case_lead.case_number,
            "due_on": dossier.clock.due_on if dossier.clock else None,
            "registered_at": at,
            "changed_at": at,
            **summary_of(dossier),
        }
    )
    standings.add(connection, standing)
    event = CaseEvent(
        organisation_id=case_lead.organisation_id,
        case_number=case_lead.case_number,
        act=CaseAct.REGISTER,
        by=by,
        at=at,
        after=standing.state,
        version=1,
        revision=0,
        reason=dossier.note,
        due_on=standing.due_on,
    )
    standings.tell(connection, event)
