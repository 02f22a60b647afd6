"""Parcels and the listings they name. Owns which parcels were screened before their listing was known, so that they
can be screened again when it comes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, tuple_

from models.storage import tables
from models.storage.engine import add_missing, pages
from models.storage.ledger import Entry
from models.subjects import Listing, ParcelRecord


def keep(connection: Connection, entries: Sequence[Entry], fresh: Sequence[Entry]) -> None:
    """Note the fresh parcels that lack their listing; forget those among all `entries` that have it."""
    awaiting = [
        {"organisation_id": entry.organisation_id, "listing_id": listing_id, "subject_token": entry.token}
        for entry in fresh
        if (listing_id := entry.screening.awaited_listing)
    ]
    add_missing(connection, tables.awaited_listings, awaiting)
    table = tables.awaited_listings
    linked = [
        (entry.organisation_id, subject.listing_id, entry.token)
        for entry in entries
        if isinstance(subject := entry.screening.subject, ParcelRecord)
        and subject.listing_id
        and not entry.screening.awaited_listing
    ]
    key = tuple_(table.c.organisation_id, table.c.listing_id, table.c.subject_token)
    for page in pages(linked, size=200):
        connection.execute(delete(table).where(key.in_(page)))


def listings(connection: Connection, organisation_id: str, listing_ids: Iterable[str]) -> dict[str, Listing]:
    """See the port."""
    subjects, observations = tables.subjects, tables.observations
    query = (
        select(subjects.c.native_id, observations.c.body)
        .join(
            observations,
            and_(
                observations.c.organisation_id == subjects.c.organisation_id,
                observations.c.observation_id == subjects.c.observation_id,
            ),
        )
        .where(subjects.c.organisation_id == organisation_id, subjects.c.kind == "listing")
    )
    found: dict[str, list[str]] = {}
    for page in pages(sorted(set(listing_ids))):
        for native_id, body in connection.execute(query.where(subjects.c.native_id.in_(page))):
            found.setdefault(native_id, []).append(body)
    unique = (Listing.model_validate_json(bodies[0]) for bodies in found.values() if len(bodies) == 1)
    return {listing.listing_id: listing for listing in unique}


def awaiting(
    connection: Connection, organisation_id: str, listing_ids: Iterable[str]
) -> tuple[tuple[ParcelRecord, datetime], ...]:
    """See the port."""
    table, subjects, observations = tables.awaited_listings, tables.subjects, tables.observations
    query = (
        select(observations.c.body, subjects.c.screened_at)
        .join_from(
            table,
            subjects,
            and_(subjects.c.organisation_id == organisation_id, subjects.c.subject_token == table.c.subject_token),
        )
        .join(
            observations,
            and_(
                observations.c.organisation_id == organisation_id,
                observations.c.observation_id == subjects.c.observation_id,
            ),
        )
        .where(table.c.organisation_id == organisation_id)
        .order_by(table.c.listing_id, table.c.subject_token)
    )
    wanted = sorted(set(listing_ids))
    rows = [
        (ParcelRecord.model_validate_json(body), screened_at)
        for page in pages(wanted)
        for body, screened_at in connection.execute(query.where(table.c.listing_id.in_(page)))
    ]
    return tuple((parcel, at) for parcel, at in rows if parcel.listing_id in set(wanted))
