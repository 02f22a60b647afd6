"""What an organisation settles about triage: operating points, outcomes of cases, comparisons of rules; and the stock
of screenings that rules are compared on and learned from."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, select

from models.dismissals import DismissalReason
from models.errors import NotFoundError
from models.leads import Disposition, Screening
from models.moments import now
from models.policy import CaseOutcome, OperatingPoint, RulesComparison, SettledLead, Verdict
from models.storage import journal, tables
from models.storage.engine import reading, writing
from models.storage.ledger import load_screenings

PAGE = 500


class SqlTriageStore:
    """Implements `models.ports.TriageStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def points(self, organisation_id: str) -> dict[str, float]:
        """See the port."""
        return {entry.kind: entry.point for entry in reversed(self.points_set(organisation_id))}

    def set_point(self, organisation_id: str, point: OperatingPoint) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            journal.append(connection, organisation_id, journal.POINTS, point, about=point.kind, at=point.decided_at)

    def points_set(self, organisation_id: str) -> tuple[OperatingPoint, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            found = journal.entries(connection, organisation_id, journal.POINTS, OperatingPoint)
        return tuple(entry for _, entry in found)

    def record_outcome(self, organisation_id: str, outcome: CaseOutcome) -> None:
        """See the port."""
        table = tables.case_leads
        named = select(table.c.case_number).where(
            table.c.organisation_id == organisation_id, table.c.case_number == outcome.case_number
        )
        with writing(self._engine) as connection:
            if connection.execute(named).one_or_none() is None:
                raise NotFoundError(
                    f"no case lead {outcome.case_number!r}", mend="it may belong to another organisation"
                )
            about, at = outcome.case_number, outcome.decided_at
            journal.append(connection, organisation_id, journal.OUTCOMES, outcome, about=about, at=at)

    def outcomes(self, organisation_id: str, case_number: str) -> tuple[CaseOutcome, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            found = journal.entries(connection, organisation_id, journal.OUTCOMES, CaseOutcome, about=case_number)
        return tuple(entry for _, entry in found)

    def reasons(self, organisation_id: str) -> tuple[DismissalReason, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            found = journal.entries(connection, organisation_id, journal.DISMISSALS, DismissalReason)
        return tuple({reason.code: reason for _, reason in reversed(found)}.values())

    def add_reason(self, organisation_id: str, reason: DismissalReason) -> None:
        """See the port."""
        at = reason.added_at or now()
        with writing(self._engine) as connection:
            journal.append(connection, organisation_id, journal.DISMISSALS, reason, about=reason.code, at=at)

    def settled(self, organisation_id: str) -> Iterator[SettledLead]:
        """See the port."""
        leads, acts = tables.leads, tables.decisions
        with reading(self._engine) as connection:
            said = journal.entries(connection, organisation_id, journal.OUTCOMES, CaseOutcome, limit=10**9)
        verdicts = {
            entry.case_number: Verdict.FILED if entry.filed else Verdict.NOT_FILED for _, entry in reversed(said)
        }
        settled = (Disposition.DISMISSED.value, Disposition.ACCEPTED.value)
        query = (
            select(leads.c.lead_id, leads.c.screening_key, leads.c.disposition, leads.c.case_number, acts.c.reason)
            .join(
                acts,
                (acts.c.organisation_id == organisation_id)
                & (acts.c.lead_id == leads.c.lead_id)
                & (acts.c.revision <= leads.c.revision),
            )
            .where(leads.c.organisation_id == organisation_id, leads.c.disposition.in_(settled))
            .order_by(leads.c.lead_id, acts.c.revision)
        )
        with reading(self._engine) as connection:
            newest = {row.lead_id: row for row in connection.execute(query)}
        told = []
        for row in newest.values():
            dismissed = row.disposition == Disposition.DISMISSED.value
            verdict = Verdict.DISMISSED if dismissed else verdicts.get(row.case_number)
            if verdict is not None:
                told.append((row.screening_key, verdict, row.reason if dismissed else ""))
        for start in range(0, len(told), PAGE):
            page = told[start : start + PAGE]
            screenings = self._load(organisation_id, [key for key, _, _ in page])
            for key, verdict, reason in page:
                yield SettledLead(screenings[key], verdict, reason)

    def standing(self, organisation_id: str) -> Iterator[tuple[Screening, bool]]:
        """See the port."""
        subjects, runs, leads = tables.subjects, tables.screenings, tables.leads
        query = (
            select(subjects.c.subject_token, subjects.c.screening_key, leads.c.lead_id)
            .join(
                runs,
                (runs.c.organisation_id == organisation_id) & (runs.c.screening_key == subjects.c.screening_key),
            )
            .join(
                leads,
                (leads.c.organisation_id == organisation_id) & (leads.c.lead_id == subjects.c.subject_token),
                isouter=True,
            )
            .where(subjects.c.organisation_id == organisation_id, runs.c.assessment.is_not(None))
            .order_by(subjects.c.subject_token)
            .limit(PAGE)
        )
        after = ""
        while True:
            with reading(self._engine) as connection:
                rows = connection.execute(query.where(subjects.c.subject_token > after)).all()
            if not rows:
                return
            screenings = self._load(organisation_id, [row.screening_key for row in rows])
            for row in rows:
                yield screenings[row.screening_key], row.lead_id is not None
            after = rows[-1].subject_token

    def save_comparison(self, organisation_id: str, comparison: RulesComparison) -> int:
        """See the port."""
        about, at = comparison.new_version, comparison.compared_at
        with writing(self._engine) as connection:
            return journal.append(connection, organisation_id, journal.COMPARISONS, comparison, about=about, at=at)

    def comparisons(self, organisation_id: str, *, limit: int = 20) -> tuple[tuple[int, RulesComparison], ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return journal.entries(connection, organisation_id, journal.COMPARISONS, RulesComparison, limit=limit)

    def _load(self, organisation_id: str, keys: Sequence[str]) -> dict[str, Screening]:
        with reading(self._engine) as connection:
            return load_screenings(connection, organisation_id, keys)
