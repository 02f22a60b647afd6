"""Rows of subjects on their way to the archive and back: every row of the ledger that is a subject's own, as JSON."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, tuple_
from sqlalchemy.sql.schema import Table

from models.archiving import ArchivedSubject, Rows
from models.storage.columns import Instant
from models.storage.engine import add_missing, pages
from models.storage.tables import awaited_listings, findings, observations, screenings, subjects
from models.subjects import ParcelRecord


def read(connection: Connection, organisation_id: str, tokens: Sequence[str]) -> dict[str, ArchivedSubject]:
    """Everything that is kept of these subjects, by token."""
    own = _by(connection, subjects, subjects.c.subject_token, organisation_id, tokens)
    runs = _by(connection, screenings, screenings.c.subject_token, organisation_id, tokens)
    names = sorted({row["observation_id"] for row in (*runs, *own)})
    seen = _by(connection, observations, observations.c.observation_id, organisation_id, names)
    keys = [row["screening_key"] for row in runs]
    found = _by(connection, findings, findings.c.screening_key, organisation_id, keys)
    of_run = {row["screening_key"]: row["subject_token"] for row in runs}
    waiting = _awaited(connection, organisation_id, own, seen)
    return {
        row["subject_token"]: ArchivedSubject(
            subject_token=row["subject_token"],
            subject=row,
            observations=_of(row["subject_token"], seen),
            screenings=_of(row["subject_token"], runs),
            findings=tuple(each for each in found if of_run[each["screening_key"]] == row["subject_token"]),
            awaited=_of(row["subject_token"], waiting),
        )
        for row in own
    }


def entry_row(subject: ArchivedSubject, file_sha256: str, at: datetime) -> dict[str, Any]:
    """The entry that leads to the subject in that file."""
    own = _read_back(subjects, subject.subject)
    same = ("organisation_id", "subject_token", "kind", "platform", "native_id", "outcome", "screened_at")
    keys = " ".join(sorted(row["screening_key"] for row in subject.screenings))
    kept = {name: own[name] for name in same}
    return {**kept, "file_sha256": file_sha256, "screening_keys": keys, "archived_at": at, "returned_at": None}


def remove(connection: Connection, organisation_id: str, gone: Sequence[ArchivedSubject]) -> None:
    """Take the rows of these subjects away, which the caller holds."""
    runs = [row["screening_key"] for each in gone for row in each.screenings]
    seen = [row["observation_id"] for each in gone for row in each.observations]
    for column, values in (
        (findings.c.screening_key, runs),
        (screenings.c.screening_key, runs),
        (observations.c.observation_id, seen),
        (subjects.c.subject_token, [each.subject_token for each in gone]),
    ):
        table = column.table
        for page in pages(values):
            connection.execute(delete(table).where(table.c.organisation_id == organisation_id, column.in_(page)))
    named = [(row["listing_id"], row["subject_token"]) for each in gone for row in each.awaited]
    key = tuple_(awaited_listings.c.listing_id, awaited_listings.c.subject_token)
    for page in pages(named):
        mine = awaited_listings.c.organisation_id == organisation_id
        connection.execute(delete(awaited_listings).where(mine, key.in_(page)))


def put_back(connection: Connection, subject: ArchivedSubject) -> None:
    """Its rows where they are missing; what is there stays."""
    for table, rows in (
        (observations, subject.observations),
        (screenings, subject.screenings),
        (findings, subject.findings),
        (awaited_listings, subject.awaited),
        (subjects, (subject.subject,)),
    ):
        add_missing(connection, table, [_read_back(table, row) for row in rows])


def _by(
    connection: Connection, table: Table, column: ColumnElement[Any], organisation_id: str, values: Sequence[str]
) -> Rows:
    query = select(table).where(table.c.organisation_id == organisation_id).order_by(*table.primary_key.columns)
    found = [row for page in pages(values) for row in connection.execute(query.where(column.in_(page)))]
    return tuple({name: _written(value) for name, value in row._mapping.items()} for row in found)


def _awaited(connection: Connection, organisation_id: str, own: Rows, seen: Rows) -> Rows:
    """What parcels wait for, by the listings that they name."""
    parcels = {row["subject_token"] for row in own if row["kind"] == "parcel"}
    bodies = (ParcelRecord.model_validate_json(row["body"]) for row in seen if row["subject_token"] in parcels)
    names = sorted({parcel.listing_id for parcel in bodies if parcel.listing_id})
    found = _by(connection, awaited_listings, awaited_listings.c.listing_id, organisation_id, names)
    return tuple(row for row in found if row["subject_token"] in parcels)


def _of(token: str, rows: Iterable[dict[str, Any]]) -> Rows:
    return tuple(row for row in rows if row["subject_token"] == token)


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read_back(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row as this version's table takes it: what a later file says beyond that is left out."""
    times = {column.name for column in table.columns if isinstance(column.type, Instant)}
    return {
        name: datetime.fromisoformat(value) if name in times and value is not None else value
        for name, value in row.items()
        if name in table.columns
    }
