"""Runs of re-screening, and the stored subjects they pass over."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, func, select

from models.leads import Assessment, Outcome
from models.rescreenings import Rescreening, StoredSubject
from models.storage import tables
from models.storage.engine import insert_into, pages, reading, writing
from models.storage.ledger import NOTHING_FOUND
from models.storage.traffic_tables import rescreenings as runs
from models.subjects import SUBJECT_TYPES


class SqlRescreeningStore:
    """Implements `models.rescreenings.RescreeningStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unfinished(self, organisation_id: str) -> Rescreening | None:
        """See the port."""
        query = _newest_runs(organisation_id).where(runs.c.finished_at.is_(None)).limit(1)
        with reading(self._engine) as connection:
            body = connection.execute(query).scalar_one_or_none()
        return Rescreening.model_validate_json(body) if body else None

    def save(self, run: Rescreening) -> None:
        """See the port."""
        row = {
            "organisation_id": run.organisation_id,
            "run_id": run.run_id,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "done": run.done,
            "body": run.model_dump_json(),
        }
        with writing(self._engine) as connection:
            statement = insert_into(connection, runs).values(**row)
            moved = {name: statement.excluded[name] for name in ("finished_at", "done", "body")}
            keys = [runs.c.organisation_id, runs.c.run_id]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=moved))

    def runs(self, organisation_id: str, *, limit: int = 20) -> tuple[Rescreening, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            bodies = connection.execute(_newest_runs(organisation_id).limit(limit)).scalars()
            return tuple(map(Rescreening.model_validate_json, bodies))

    def count(self, organisation_id: str, *, kind: str = "") -> int:
        """See the port."""
        table = tables.subjects
        query = select(func.count()).select_from(table).where(table.c.organisation_id == organisation_id)
        with reading(self._engine) as connection:
            return int(connection.execute(query.where(table.c.kind == kind) if kind else query).scalar_one())

    def subjects(self, organisation_id: str, *, kind: str = "", after: str, limit: int) -> tuple[StoredSubject, ...]:
        """See the port."""
        table = tables.subjects
        query = select(table.c.subject_token).where(
            table.c.organisation_id == organisation_id, table.c.subject_token > after
        )
        if kind:
            query = query.where(table.c.kind == kind)
        with reading(self._engine) as connection:
            tokens = list(connection.execute(query.order_by(table.c.subject_token).limit(limit)).scalars())
            return _stored(connection, organisation_id, tokens)

    def newest(self, organisation_id: str, tokens: tuple[str, ...]) -> tuple[StoredSubject, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return _stored(connection, organisation_id, sorted(set(tokens)))


def _newest_runs(organisation_id: str) -> Select[tuple[Any]]:
    query = select(runs.c.body).where(runs.c.organisation_id == organisation_id)
    return query.order_by(runs.c.started_at.desc(), runs.c.run_id)


def _stored(connection: Connection, organisation_id: str, tokens: Sequence[str]) -> tuple[StoredSubject, ...]:
    subject, run, seen = tables.subjects, tables.screenings, tables.observations
    query = (
        select(subject, run.c.rules_version, run.c.context_version, run.c.assessment, seen.c.body)
        .join(run, and_(run.c.organisation_id == organisation_id, run.c.screening_key == subject.c.screening_key))
        .join(seen, and_(seen.c.organisation_id == organisation_id, seen.c.observation_id == subject.c.observation_id))
        .where(subject.c.organisation_id == organisation_id)
        .order_by(subject.c.subject_token)
    )
    found = []
    for page in pages(tokens):
        for row in connection.execute(query.where(subject.c.subject_token.in_(page))):
            assessment = Assessment.model_validate_json(row.assessment) if row.assessment else NOTHING_FOUND
            found.append(
                StoredSubject(
                    subject=SUBJECT_TYPES[row.kind].model_validate_json(row.body),
                    screened_at=row.screened_at,
                    rules_version=row.rules_version,
                    context_version=row.context_version,
                    score=assessment.score,
                    flagged=row.outcome == Outcome.LEAD.value,
                )
            )
    return tuple(found)
