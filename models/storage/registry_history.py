"""The history of one mark: in which versions of the registry something under it changed, who made them, what stood."""

from typing import TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.sql.schema import Table

from models.registry import AuthorisedSeller, Mark, ReferenceGoods
from models.rights import MarkRevision, RowsBefore
from models.storage.tables import authorised_sellers, marks, reference_goods, registry_versions

Row = TypeVar("Row", Mark, ReferenceGoods, AuthorisedSeller)
Spans = list[tuple[int, int | None, Row]]


def mark_history(connection: Connection, organisation_id: str, mark_id: str) -> tuple[MarkRevision, ...]:
    """Newest first."""
    own = _spans(connection, organisation_id, marks, mark_id, Mark)
    goods = _spans(connection, organisation_id, reference_goods, mark_id, ReferenceGoods)
    sellers = _spans(connection, organisation_id, authorised_sellers, mark_id, AuthorisedSeller)
    numbers = _turns(own) | _turns(goods) | _turns(sellers)
    table = registry_versions
    query = select(table).where(table.c.organisation_id == organisation_id, table.c.number.in_(sorted(numbers)))
    rows = connection.execute(query.order_by(table.c.number.desc()))
    return tuple(
        MarkRevision(
            number=row.number,
            version=row.version,
            at=row.committed_at,
            by=row.committed_by,
            acting_for=row.acting_for,
            rows=RowsBefore(
                mark=next(iter(_at(own, row.number)), None),
                goods=_at(goods, row.number),
                authorised=_at(sellers, row.number),
            ),
        )
        for row in rows
    )


def _spans(connection: Connection, organisation_id: str, table: Table, mark_id: str, kind: type[Row]) -> Spans[Row]:
    """The rows under the mark with the versions that they stood from and until."""
    query = select(table.c.from_version, table.c.to_version, table.c.body)
    query = query.where(table.c.organisation_id == organisation_id, table.c.mark_id == mark_id)
    found = connection.execute(query.order_by(table.c.from_version, table.c.body))
    return [(begins, ends, kind.model_validate_json(body)) for begins, ends, body in found]


def _turns(spans: Spans[Row]) -> set[int]:
    return {number for begins, ends, _ in spans for number in (begins, ends) if number is not None}


def _at(spans: Spans[Row], number: int) -> tuple[Row, ...]:
    return tuple(row for begins, ends, row in spans if begins <= number and (ends is None or number < ends))
