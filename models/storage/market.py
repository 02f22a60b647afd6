"""Prices by listing and day, and published snapshots: the market's side of the store."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, select

from models.errors import NotFoundError
from models.findings import EarlierPrice
from models.market import PublishedSnapshot
from models.moments import SHANGHAI
from models.storage import tables
from models.storage.engine import insert_all, insert_into, pages, reading, writing
from models.subjects import Listing

VERSIONS_KEPT = 30
PAGE = 2000


class SqlMarketStore:
    """Implements `models.market.MarketStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep_prices(self, listings: Sequence[Listing]) -> None:
        """See the port."""
        newest: dict[tuple[str, str, str], dict[str, Any]] = {}
        for listing in listings:
            row = _row(listing)
            if row is not None:
                key = (row["organisation_id"], row["subject_token"], row["day"])
                if key not in newest or newest[key]["seen_at"] < row["seen_at"]:
                    newest[key] = row
        if not newest:
            return
        table = tables.listing_prices
        with writing(self._engine) as connection:
            statement, values = insert_all(
                connection, table, [newest[key] for key in sorted(newest)]
            )  # in one order of locks
            statement = statement.on_conflict_do_update(
                index_elements=[table.c.organisation_id, table.c.subject_token, table.c.day],
                set_={name: statement.excluded[name] for name in ("seen_at", "price", "currency")},
                where=table.c.seen_at < statement.excluded.seen_at,
            )
            connection.execute(statement, values)

    def earlier_prices(self, listings: Sequence[Listing]) -> dict[str, tuple[EarlierPrice, ...]]:
        """See the port."""
        days: dict[str, dict[str, str]] = {}
        for listing in listings:
            if listing.captured_at is not None:
                days.setdefault(listing.organisation_id, {})[listing.key.token] = _day(listing.captured_at)
        found: dict[str, list[EarlierPrice]] = {}
        table = tables.listing_prices
        with reading(self._engine) as connection:
            for organisation_id, own_day in days.items():
                query = select(table).where(table.c.organisation_id == organisation_id).order_by(table.c.day)
                for page in pages(sorted(own_day)):
                    for row in connection.execute(query.where(table.c.subject_token.in_(page))):
                        if row.day < own_day[row.subject_token]:
                            point = EarlierPrice(row.seen_at, Decimal(row.price), row.currency)
                            found.setdefault(row.subject_token, []).append(point)
        return {token: tuple(points) for token, points in found.items()}

    def forget_prices(self, organisation_id: str, *, before: datetime) -> int:
        """See the port."""
        table = tables.listing_prices
        with writing(self._engine) as connection:
            statement = delete(table).where(table.c.organisation_id == organisation_id, table.c.day < _day(before))
            return int(connection.execute(statement).rowcount)

    def newest_listings(self, organisation_id: str, *, since: datetime) -> Iterator[Listing]:
        """See the port."""
        subjects, seen = tables.subjects, tables.observations
        query = (
            select(subjects.c.subject_token, seen.c.body)
            .join(
                seen,
                and_(
                    seen.c.organisation_id == subjects.c.organisation_id,
                    seen.c.observation_id == subjects.c.observation_id,
                ),
            )
            .where(
                subjects.c.organisation_id == organisation_id,
                subjects.c.kind == "listing",
                subjects.c.screened_at >= since,
            )
            .order_by(subjects.c.subject_token)
            .limit(PAGE)
        )
        after = ""
        while True:
            with reading(self._engine) as connection:
                rows = connection.execute(query.where(subjects.c.subject_token > after)).all()
            for _, body in rows:
                yield Listing.model_validate_json(body)
            if len(rows) < PAGE:
                return
            after = rows[-1].subject_token

    def publish(self, organisation_id: str, name: str, version: str, body: bytes, *, at: datetime) -> None:
        """See the port."""
        table = tables.snapshots
        row = {"organisation_id": organisation_id, "name": name, "version": version, "published_at": at, "body": body}
        with writing(self._engine) as connection:
            newest = connection.execute(
                select(func.max(table.c.published_at)).where(
                    table.c.organisation_id == organisation_id, table.c.name == name
                )
            ).scalar_one()
            if newest is not None and newest >= at:  # a clock that stands still still makes this the newest
                row["published_at"] = newest + timedelta(microseconds=1)
            statement = insert_into(connection, table)
            statement = statement.on_conflict_do_update(
                index_elements=[table.c.organisation_id, table.c.name, table.c.version],
                set_={"published_at": statement.excluded.published_at},
            )
            connection.execute(statement, row)
            _clear(connection, organisation_id, name)

    def published_version(self, organisation_id: str, name: str) -> str:
        """See the port."""
        table = tables.snapshots
        query = (
            select(table.c.version)
            .where(table.c.organisation_id == organisation_id, table.c.name == name)
            .order_by(table.c.published_at.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none() or ""

    def published(self, organisation_id: str, name: str, version: str = "") -> PublishedSnapshot:
        """See the port."""
        table = tables.snapshots
        query = select(table).where(table.c.organisation_id == organisation_id, table.c.name == name)
        query = query.where(table.c.version == version) if version else query.order_by(table.c.published_at.desc())
        with reading(self._engine) as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        if row is None:
            raise NotFoundError(f"no snapshot {name!r} is published", where=version or name)
        return PublishedSnapshot(row.version, row.published_at, row.body)


def _row(listing: Listing) -> dict[str, Any] | None:
    if not listing.price or listing.currency is None or listing.captured_at is None:
        return None
    return {
        "organisation_id": listing.organisation_id,
        "subject_token": listing.key.token,
        "day": _day(listing.captured_at),
        "seen_at": listing.captured_at,
        "price": str(listing.price),
        "currency": listing.currency,
    }


def _day(at: datetime) -> str:
    """The Shanghai day, in words that sort."""
    return at.astimezone(SHANGHAI).date().isoformat()


def _clear(connection: Connection, organisation_id: str, name: str) -> None:
    """Remove all but the newest versions."""
    table = tables.snapshots
    mine = and_(table.c.organisation_id == organisation_id, table.c.name == name)
    old = select(table.c.version).where(mine).order_by(table.c.published_at.desc()).offset(VERSIONS_KEPT)
    versions = list(connection.execute(old).scalars())
    for page in pages(versions):
        connection.execute(delete(table).where(mine, table.c.version.in_(page)))
