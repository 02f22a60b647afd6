"""Picture readings by (address, content hash, level), and which content hashes an organisation holds."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from models.identity import digest
from models.pictures import PictureReading
from models.storage import counters
from models.storage.engine import add_missing, insert_into, pages
from models.storage.tables import held_pictures, picture_readings


def save(connection: Connection, organisation_id: str, readings: Sequence[PictureReading]) -> None:
    """Keep the readings in the order given: the last of an address is its newest. A reading that is the newest of
    its address already is not written again."""
    if not readings:
        return
    sequence = counters.advance(connection, organisation_id, counters.READINGS, by=0)
    standing = newest(connection, organisation_id, [reading.address for reading in readings])
    rows: dict[str, dict[str, Any]] = {}
    for reading in readings:
        if standing.get(reading.address) == reading:
            continue
        standing[reading.address] = reading
        sequence += 1
        key = digest(reading.address, reading.content_sha256, reading.level)
        rows[key] = {
            "organisation_id": organisation_id,
            "reading_key": key,
            "address_key": digest(reading.address),
            "sequence": sequence,
            "body": reading.model_dump_json(),
        }
    if not rows:
        return
    counters.advance(connection, organisation_id, counters.READINGS, by=len(readings))
    statement = insert_into(connection, picture_readings)
    statement = statement.on_conflict_do_update(
        index_elements=[picture_readings.c.organisation_id, picture_readings.c.reading_key],
        set_={"sequence": statement.excluded.sequence, "body": statement.excluded.body},
    )
    connection.execute(statement, list(rows.values()))
    hold(connection, organisation_id, (reading.content_sha256 for reading in readings))


def newest(connection: Connection, organisation_id: str, addresses: Iterable[str]) -> dict[str, PictureReading]:
    """The newest reading of each address that has one."""
    keys = sorted({digest(address) for address in addresses})
    table = picture_readings
    query = select(table.c.body).where(table.c.organisation_id == organisation_id).order_by(table.c.sequence)
    found: dict[str, PictureReading] = {}
    for page in pages(keys):
        for body in connection.execute(query.where(table.c.address_key.in_(page))).scalars():
            reading = PictureReading.model_validate_json(body)
            found[reading.address] = reading
    return found


def hold(connection: Connection, organisation_id: str, hashes: Iterable[str | None]) -> None:
    """Note that the organisation holds pictures with these content hashes."""
    rows = [{"organisation_id": organisation_id, "content_sha256": name} for name in sorted({h for h in hashes if h})]
    add_missing(connection, held_pictures, rows)


def holds(connection: Connection, organisation_id: str, content_sha256: str) -> bool:
    """Whether any reading of the organisation, of whatever age, has that content hash."""
    table = held_pictures
    query = select(table.c.content_sha256).where(
        table.c.organisation_id == organisation_id, table.c.content_sha256 == content_sha256
    )
    return connection.execute(query).first() is not None
