"""What every table is made of: its metadata, its kinds of columns, and the organisation that each row belongs to.

Text columns are `Words`: what PostgreSQL cannot hold (NUL, lone surrogates) is shown by a stand-in there, while the
JSON bodies keep it as an escape. Times are `Instant`: UTC in and out.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, MetaData, PrimaryKeyConstraint, Table, Text, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Words(TypeDecorator[str]):
    """Text that every engine can hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or (value.isascii() and "\x00" not in value):
            return value
        return value.replace("\x00", "␀").encode("utf-8", "replace").decode("utf-8")


class Instant(TypeDecorator[datetime]):
    """A moment, UTC with an offset on both sides; `timestamptz` on PostgreSQL, sortable text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Words, nullable=nullable)


def code(name: str) -> Column[Any]:
    """Plain text that this code computes: digests and enumerated words, never a person's."""
    return Column(name, Text, nullable=False)


def table_of(name: str, *parts: Any, key: tuple[str, ...], **options: Any) -> Table:
    """A table of one organisation's things: `key` is unique within the organisation."""
    return Table(
        name,
        metadata,
        words("organisation_id"),
        *parts,
        PrimaryKeyConstraint("organisation_id", *key),
        **options,
    )
