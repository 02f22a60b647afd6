"""The registry with its history, and the readings of official pictures.

A row is valid from version number `from_version` until before `to_version`. A version's id is chained: the digest of
the version before and of the canonical rows. What did not change is not written again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.sql.schema import Table

from models.errors import ConflictError, InputError, NotFoundError
from models.events import RegistryChanged, RowsChanged
from models.identity import digest
from models.pictures import ReferencePicture
from models.queue.search import SearchKind
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry, row_digest
from models.rights import MarkRevision
from models.storage import counters, outbox
from models.storage.engine import insert_all, insert_into, pages, reading, writing
from models.storage.queue import search
from models.storage.readings import hold
from models.storage.registry_history import mark_history
from models.storage.tables import (
    authorised_sellers,
    marks,
    reference_goods,
    reference_pictures,
    registry_versions,
)
from models.values import Value

Row = TypeVar("Row", Mark, ReferenceGoods, AuthorisedSeller)

ROWS_AT_ONCE = 5000


@dataclass(frozen=True)
class VersionEntry:
    """One line of an organisation's history."""

    number: int
    version: str
    rows_digest: str


class SqlRegistryStore:
    """Implements `models.ports.RegistryStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def commit(
        self,
        organisation_id: str,
        registry: Registry,
        *,
        at: datetime,
        by: str = "",
        acting_for: str = "",
        expected: str | None = None,
    ) -> str:
        """See the port. Raises `InputError` when two different rows claim one id."""
        wanted = (
            (marks, "mark_id", _mark_rows(registry.marks)),
            (reference_goods, "goods_id", _goods_rows(registry.goods)),
            (authorised_sellers, "row_digest", _authorised_rows(registry.authorised)),
        )
        rows_digest = digest(sorted(row["row_digest"] for _, _, rows in wanted for row in rows.values()))
        with writing(self._engine) as connection:
            number = counters.advance(connection, organisation_id, counters.REGISTRY, by=0)
            last = _entry(connection, organisation_id, number) if number else None
            if expected is not None and expected != (last.version if last else ""):
                raise ConflictError(
                    "the registry was changed by somebody else", mend="load it and make the change again"
                )
            if last is not None and last.rows_digest == rows_digest:
                return last.version
            counters.advance(connection, organisation_id, counters.REGISTRY)
            changed = [
                _replace(connection, organisation_id, table, native, rows, number + 1) for table, native, rows in wanted
            ]
            _find(connection, organisation_id, registry.marks)
            version = digest(last.version if last else "", rows_digest)
            connection.execute(
                insert(registry_versions).values(
                    organisation_id=organisation_id,
                    number=number + 1,
                    version=version,
                    rows_digest=rows_digest,
                    committed_at=at,
                    committed_by=by,
                    acting_for=acting_for,
                )
            )
            told = RegistryChanged(
                organisation_id=organisation_id, at=at, number=number + 1, version=version, by=by,
                previous=last.version if last else "", acting_for=acting_for,
                marks=changed[0], goods=changed[1], authorised=changed[2],
            )  # fmt: skip
            outbox.tell(connection, [told])
        return version

    def current(self, organisation_id: str) -> Registry:
        """See the port."""
        with reading(self._engine) as connection:
            number = counters.peek(connection, organisation_id).get(counters.REGISTRY, 0)
            entry = _entry(connection, organisation_id, number) if number else None
            return _registry(connection, organisation_id, entry) if entry else Registry()

    def at_version(self, organisation_id: str, version: str) -> Registry:
        """See the port. The digest of a version's rows names it as well: a registry that was screened with before
        it was committed has no other name."""
        with reading(self._engine) as connection:
            return registry_at(connection, organisation_id, version)

    def fingerprint(self, organisation_id: str) -> str:
        """See the port."""
        with reading(self._engine) as connection:
            values = counters.peek(connection, organisation_id)
        return digest(organisation_id, values.get(counters.REGISTRY, 0), values.get(counters.REFERENCE_PICTURES, 0))

    def save_reference_pictures(self, organisation_id: str, pictures: Sequence[ReferencePicture]) -> None:
        """See the port."""
        rows = {
            (key := digest(picture.mark_id, picture.goods_id, picture.reading.address)): {
                "organisation_id": organisation_id,
                "picture_key": key,
                "body": picture.model_dump_json(),
            }
            for picture in pictures
        }
        with writing(self._engine) as connection:
            counters.advance(connection, organisation_id, counters.REFERENCE_PICTURES, by=0)
            query = select(reference_pictures.c.picture_key, reference_pictures.c.body)
            held = connection.execute(query.where(reference_pictures.c.organisation_id == organisation_id))
            known = dict(held.all())
            changed = [row for key, row in rows.items() if known.get(key) != row["body"]]
            if not changed:
                return
            counters.advance(connection, organisation_id, counters.REFERENCE_PICTURES)
            statement = insert_into(connection, reference_pictures)
            statement = statement.on_conflict_do_update(
                index_elements=[reference_pictures.c.organisation_id, reference_pictures.c.picture_key],
                set_={"body": statement.excluded.body},
            )
            connection.execute(statement, changed)
            hold(connection, organisation_id, (picture.reading.content_sha256 for picture in pictures))

    def reference_pictures(self, organisation_id: str) -> tuple[ReferencePicture, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return official_pictures(connection, organisation_id)

    def drop_reference_pictures(self, organisation_id: str, pictures: Sequence[ReferencePicture]) -> None:
        """See the port."""
        keys = [digest(picture.mark_id, picture.goods_id, picture.reading.address) for picture in pictures]
        table = reference_pictures
        with writing(self._engine) as connection:
            counters.advance(connection, organisation_id, counters.REFERENCE_PICTURES, by=0)
            gone = connection.execute(
                delete(table).where(table.c.organisation_id == organisation_id, table.c.picture_key.in_(keys))
            ).rowcount
            if gone:
                counters.advance(connection, organisation_id, counters.REFERENCE_PICTURES)

    def history(self, organisation_id: str, mark_id: str) -> tuple[MarkRevision, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return mark_history(connection, organisation_id, mark_id)


def registry_at(connection: Connection, organisation_id: str, version: str) -> Registry:
    """The registry as that version had it. Raises `NotFoundError`."""
    query = (
        select(registry_versions.c.number, registry_versions.c.version, registry_versions.c.rows_digest)
        .where(registry_versions.c.organisation_id == organisation_id)
        .where(or_(registry_versions.c.version == version, registry_versions.c.rows_digest == version))
        .order_by(registry_versions.c.number.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"no registry version {version!r}", mend="list versions by committing or reading current")
    return _registry(connection, organisation_id, VersionEntry(*row))


def official_pictures(connection: Connection, organisation_id: str) -> tuple[ReferencePicture, ...]:
    """Every official picture that was read, ordered by mark, goods, address."""
    query = select(reference_pictures.c.body).where(reference_pictures.c.organisation_id == organisation_id)
    found = (ReferencePicture.model_validate_json(body) for body in connection.execute(query).scalars())
    return tuple(sorted(found, key=lambda picture: (picture.mark_id, picture.goods_id, picture.reading.address)))


def _entry(connection: Connection, organisation_id: str, number: int) -> VersionEntry:
    query = select(registry_versions.c.number, registry_versions.c.version, registry_versions.c.rows_digest)
    query = query.where(registry_versions.c.organisation_id == organisation_id, registry_versions.c.number == number)
    return VersionEntry(*connection.execute(query).one())


def _registry(connection: Connection, organisation_id: str, entry: VersionEntry) -> Registry:
    return Registry(
        marks=tuple(_load(connection, organisation_id, marks, Mark, entry.number)),
        goods=tuple(_load(connection, organisation_id, reference_goods, ReferenceGoods, entry.number)),
        authorised=tuple(_load(connection, organisation_id, authorised_sellers, AuthorisedSeller, entry.number)),
        chained_version=entry.version,
    )


def _load(connection: Connection, organisation_id: str, table: Table, kind: type[Row], number: int) -> list[Row]:
    """The rows valid at version `number`, in an order that is the same on every engine."""
    native = table.primary_key.columns.values()[1]
    valid = and_(table.c.from_version <= number, or_(table.c.to_version.is_(None), table.c.to_version > number))
    query = select(native, table.c.body).where(table.c.organisation_id == organisation_id, valid)
    return [kind.model_validate_json(body) for _, body in sorted(map(tuple, connection.execute(query)))]


def _replace(
    connection: Connection,
    organisation_id: str,
    table: Table,
    native: str,
    rows: dict[str, dict[str, Any]],
    number: int,
) -> RowsChanged:
    """Close the rows that are gone or changed, open those that are new."""
    column = table.c[native]
    query = select(column, table.c.row_digest)
    query = query.where(table.c.organisation_id == organisation_id, table.c.to_version.is_(None))
    open_rows = dict(connection.execute(query).all())
    closed = [key for key, held in open_rows.items() if key not in rows or rows[key]["row_digest"] != held]
    fresh = [row for key, row in rows.items() if open_rows.get(key) != row["row_digest"]]
    if closed:
        close = update(table).where(
            table.c.organisation_id == organisation_id, column == bindparam("closing"), table.c.to_version.is_(None)
        )
        connection.execute(close.values(to_version=number), [{"closing": key} for key in closed])
    if fresh:
        added = {"organisation_id": organisation_id, "from_version": number, "to_version": None}
        for page in pages(fresh, size=ROWS_AT_ONCE):
            statement, values = insert_all(connection, table, [row | added for row in page])
            connection.execute(statement, values)
    return RowsChanged(opened=len(fresh), closed=len(closed))


def _find(connection: Connection, organisation_id: str, current: Sequence[Mark]) -> None:
    """Have the marks of the newest version found by their words, and no others."""
    search.keep(connection, organisation_id, [search.entry_of_mark(mark) for mark in current])
    gone = set(search.named(connection, organisation_id, SearchKind.MARK)) - {mark.mark_id for mark in current}
    search.forget(connection, organisation_id, SearchKind.MARK, sorted(gone))


def _mark_rows(rows: Iterable[Mark]) -> dict[str, dict[str, Any]]:
    return _unique("mark", ((row.mark_id, row, {"mark_id": row.mark_id, "text": row.text}) for row in rows))


def _goods_rows(rows: Iterable[ReferenceGoods]) -> dict[str, dict[str, Any]]:
    return _unique("goods", ((row.goods_id, row, {"goods_id": row.goods_id, "mark_id": row.mark_id}) for row in rows))


def _authorised_rows(rows: Iterable[AuthorisedSeller]) -> dict[str, dict[str, Any]]:
    return _unique("authorised seller", ((row_digest(row), row, {"mark_id": row.mark_id}) for row in rows))


def _unique(what: str, rows: Iterable[tuple[str, Value, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Rows by their id; the same row twice is one. Raises `InputError` when two rows differ under one id."""
    found: dict[str, dict[str, Any]] = {}
    for native_id, row, columns in rows:
        name = row_digest(row)
        if native_id in found and found[native_id]["row_digest"] != name:
            raise InputError(f"two different rows claim the {what} id {native_id!r}", mend="keep one of them")
        found[native_id] = columns | {"row_digest": name, "body": row.model_dump_json(exclude_defaults=True)}
    return found
