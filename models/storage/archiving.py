"""Moving subjects between the hot tables and the archive. Owns what is due, and that nothing goes that somebody needs.

A subject is due when its newest screening is old, led to nothing, is not held, and no lead stands on it: neither its
own nor that of a parcel which names it as its listing. All of it is looked at again under the lock with which it goes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, delete, exists, func, insert, select, tuple_
from sqlalchemy.sql.schema import Table

from models.archiving import ArchivedSubject, ArchiveEntry, DuePage, Hold
from models.errors import NotFoundError
from models.leads import Outcome
from models.storage import archive_rows
from models.storage.archive_tables import archive_holds, archived_subjects
from models.storage.cursors import cursor_of, place_of
from models.storage.engine import insert_into, pages, reading, writing
from models.storage.tables import leads, observations, subjects
from models.subjects import ParcelRecord

# A parcel's lead that is being made while its listing goes: leads are told by the time of their screening.
MARGIN = timedelta(hours=1)
PAGE = 2000


class SqlArchiveStore:
    """Implements `models.archiving.ArchiveStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._named: dict[str, set[str]] = {}
        self._looked_until: dict[str, datetime] = {}

    def due(self, organisation_id: str, *, before: datetime, kind: str = "", after: str = "", limit: int) -> DuePage:
        """See the port."""
        query = _due(organisation_id, before)
        if kind:
            query = query.where(subjects.c.kind == kind)
        if after:
            query = query.where(tuple_(subjects.c.screened_at, subjects.c.subject_token) > place_of(after))
        query = query.order_by(subjects.c.screened_at, subjects.c.subject_token).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
            free = self._free(connection, organisation_id, rows)
            found = archive_rows.read(connection, organisation_id, free)
        cursor = cursor_of(rows[-1].screened_at, rows[-1].subject_token) if len(rows) == limit else ""
        return DuePage(subjects=tuple(found[token] for token in free), cursor=cursor)

    def move(
        self,
        organisation_id: str,
        moving: Sequence[ArchivedSubject],
        file_sha256: str,
        *,
        before: datetime,
        at: datetime,
    ) -> int:
        """See the port."""
        told = {each.subject_token: each for each in moving}
        with writing(self._engine) as connection:
            locking = _due(organisation_id, before).order_by(subjects.c.subject_token)
            held: list[Any] = []
            for page in pages(sorted(told)):
                asked = locking.where(subjects.c.subject_token.in_(page)).with_for_update(of=subjects, skip_locked=True)
                held += connection.execute(asked).all()
            now = archive_rows.read(connection, organisation_id, self._free(connection, organisation_id, held))
            going = [each for token, each in told.items() if now.get(token) == each]
            if going:
                entries = [archive_rows.entry_row(each, file_sha256, at) for each in going]
                connection.execute(insert(archived_subjects), entries)
                archive_rows.remove(connection, organisation_id, going)
        return len(going)

    def entries(self, organisation_id: str, *, platform: str, native_id: str) -> tuple[ArchiveEntry, ...]:
        """See the port."""
        table = archived_subjects
        query = select(table).where(table.c.organisation_id == organisation_id, table.c.native_id == native_id)
        query = query.where(table.c.platform == platform).order_by(table.c.archived_at.desc(), table.c.file_sha256)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(ArchiveEntry(**{name: row[name] for name in ArchiveEntry.model_fields}) for row in rows)

    def files(self, organisation_id: str) -> dict[str, int]:
        """See the port."""
        table = archived_subjects
        query = select(table.c.file_sha256, func.count()).where(table.c.organisation_id == organisation_id)
        with reading(self._engine) as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(table.c.file_sha256))}

    def counts(self, organisation_id: str) -> dict[str, int]:
        """See the port."""
        table = archived_subjects
        asked = {
            "hot": _counted(subjects, organisation_id),
            "archived": _counted(table, organisation_id).where(table.c.returned_at.is_(None)),
            "returned": _counted(table, organisation_id).where(table.c.returned_at.is_not(None)),
            "held": _counted(archive_holds, organisation_id),
        }
        with reading(self._engine) as connection:
            return {name: int(connection.execute(query).scalar_one()) for name, query in asked.items()}

    def restore(self, entry: ArchiveEntry, subject: ArchivedSubject) -> None:
        """See the port."""
        table = archived_subjects
        this = (table.c.organisation_id == entry.organisation_id, table.c.subject_token == entry.subject_token)
        with writing(self._engine) as connection:
            named = select(table.c.subject_token).where(*this, table.c.file_sha256 == entry.file_sha256)
            if connection.execute(named.with_for_update()).scalar_one_or_none() is None:
                raise NotFoundError("the subject is not in the archive", mend="it may have been restored already")
            archive_rows.put_back(connection, subject)
            connection.execute(delete(table).where(*this, table.c.file_sha256 == entry.file_sha256))

    def hold(self, hold: Hold) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            statement = insert_into(connection, archive_holds).values(**hold.model_dump())
            changed = {name: statement.excluded[name] for name in ("reason", "held_by", "held_at")}
            keys = [archive_holds.c.organisation_id, archive_holds.c.subject_token]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))

    def release(self, organisation_id: str, subject_token: str) -> None:
        """See the port."""
        table = archive_holds
        this = (table.c.organisation_id == organisation_id, table.c.subject_token == subject_token)
        with writing(self._engine) as connection:
            if connection.execute(delete(table).where(*this)).rowcount == 0:
                raise NotFoundError("the subject is not held", mend="jianzhen archive status lists what is")

    def holds(self, organisation_id: str) -> tuple[Hold, ...]:
        """See the port."""
        query = select(archive_holds).where(archive_holds.c.organisation_id == organisation_id)
        order = (archive_holds.c.held_at, archive_holds.c.subject_token)
        with reading(self._engine) as connection:
            return tuple(Hold(**row) for row in connection.execute(query.order_by(*order)).mappings())

    def _free(self, connection: Connection, organisation_id: str, rows: Sequence[Any]) -> list[str]:
        """The tokens of those that no parcel with a lead names."""
        named = self._named_by_leads(connection, organisation_id)
        return [row.subject_token for row in rows if row.kind != "listing" or row.native_id not in named]

    def _named_by_leads(self, connection: Connection, organisation_id: str) -> set[str]:
        """The listings that parcels with a lead name. Read whole once, then what came since."""
        named = self._named.setdefault(organisation_id, set())
        query = (
            select(leads.c.lead_id, leads.c.last_seen, observations.c.body)
            .join(
                subjects,
                and_(subjects.c.organisation_id == organisation_id, subjects.c.subject_token == leads.c.lead_id),
            )
            .join(
                observations,
                and_(
                    observations.c.organisation_id == organisation_id,
                    observations.c.observation_id == subjects.c.observation_id,
                ),
            )
            .where(leads.c.organisation_id == organisation_id, leads.c.kind == "parcel")
        )
        since = self._looked_until.get(organisation_id)
        if since is not None:
            query = query.where(leads.c.last_seen >= since - MARGIN)
        query, after = query.order_by(leads.c.lead_id).limit(PAGE), ""
        while rows := connection.execute(query.where(leads.c.lead_id > after)).all():
            for row in rows:
                named.add(ParcelRecord.model_validate_json(row.body).listing_id or "")
                since = max(row.last_seen, since or row.last_seen)
            after = rows[-1].lead_id
        if since is not None:
            self._looked_until[organisation_id] = since
        return named


def _due(organisation_id: str, before: datetime) -> Select[Any]:
    own = exists().where(leads.c.organisation_id == organisation_id, leads.c.lead_id == subjects.c.subject_token)
    held = exists().where(
        archive_holds.c.organisation_id == organisation_id, archive_holds.c.subject_token == subjects.c.subject_token
    )
    return select(subjects).where(
        subjects.c.organisation_id == organisation_id,
        subjects.c.outcome == Outcome.NO_MATCH.value,
        subjects.c.screened_at < before,
        ~own,
        ~held,
    )


def _counted(table: Table, organisation_id: str) -> Select[Any]:
    return select(func.count()).select_from(table).where(table.c.organisation_id == organisation_id)
