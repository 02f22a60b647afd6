"""The outbox: what others must hear, written in the transaction that makes it true, and handed to relays in order.

A row's number is taken while its transaction holds the lock that orders its key (the lead's row, the registry's
counter, the case lead's revision), so under one key a lower number was always committed first. A relay claims rows for
a while; what it holds blocks later rows of the same topic and key for every other relay.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, insert, select, text, update

from models.dead_letters import payload_of, payload_text
from models.events import AnyEvent, LeadChanged, Outgoing, wire
from models.leads import Cell, Disposition, Outcome
from models.storage.engine import pages, reading, writing
from models.storage.tables import leads, screenings
from models.storage.traffic_tables import outbox, outbox_numbers

# The first 64 bits of SHA-256("jianzhen relay"), signed: PostgreSQL's lock while a relay chooses what to claim.
CLAIM_LOCK = 3408378013444384852
# A relay looks this much further than it may take, past what others hold.
LOOKED_AT = 4


class SqlOutboxStore:
    """Implements `models.events.OutboxStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, *, by: str, at: datetime, until: datetime, limit: int) -> tuple[Outgoing, ...]:
        """See the port."""
        query = select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.number).limit(LOOKED_AT * limit)
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLAIM_LOCK})
            taken: list[Outgoing] = []
            held: set[tuple[str, str, str]] = set()
            for row in connection.execute(query):
                name = (row.organisation_id, row.topic, row.message_key)
                anothers = row.claimed_by not in ("", by) and row.claimed_until is not None and row.claimed_until > at
                if anothers or name in held:
                    held.add(name)
                elif len(taken) < limit:
                    taken.append(_outgoing(row))
            _update(connection, taken, claimed_by=by, claimed_until=until)
        return tuple(taken)

    def mark_sent(self, messages: tuple[Outgoing, ...], *, at: datetime) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            _update(connection, messages, sent_at=at, claimed_by="", claimed_until=None)

    def release(self, *, by: str) -> None:
        """See the port."""
        mine = (outbox.c.sent_at.is_(None), outbox.c.claimed_by == by)
        with writing(self._engine) as connection:
            connection.execute(update(outbox).where(*mine).values(claimed_by="", claimed_until=None))

    def waiting(self) -> int:
        """See the port."""
        query = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def oldest(self) -> datetime | None:
        """See the port."""
        query = select(outbox.c.told_at).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.number).limit(1)
        with reading(self._engine) as connection:
            told_at: datetime | None = connection.execute(query).scalar_one_or_none()
        return told_at

    def prune(self, *, before: datetime, limit: int) -> int:
        """See the port."""
        old = select(outbox.c.organisation_id, outbox.c.number).where(outbox.c.sent_at < before).limit(limit)
        with writing(self._engine) as connection:
            names = [(row.organisation_id, row.number) for row in connection.execute(old)]
            for organisation_id, numbers in _by_organisation(names).items():
                gone = and_(outbox.c.organisation_id == organisation_id, outbox.c.number.in_(numbers))
                connection.execute(delete(outbox).where(gone, outbox.c.sent_at.is_not(None)))
        return len(names)


def tell(connection: Connection, events: Iterable[AnyEvent]) -> None:
    """Have these events published once the transaction at hand is committed; in this order under each key."""
    _put(
        connection,
        [
            {
                "organisation_id": event.organisation_id,
                "message_id": event.event_id,
                "topic": event.topic,
                "message_key": event.key,
                "body": payload_text(wire(event)),
                "told_at": event.at,
            }
            for event in events
        ],
    )


def send_again(
    connection: Connection, organisation_id: str, topic: str, key: str, body: bytes, *, message_id: str, at: datetime
) -> None:
    """Have these very bytes published, as they are."""
    row = {"topic": topic, "message_key": key, "body": payload_text(body), "message_id": message_id, "told_at": at}
    _put(connection, [{"organisation_id": organisation_id, **row}])


def tell_leads(
    connection: Connection, organisation_id: str, lead_ids: Sequence[str], new: frozenset[str], *, at: datetime
) -> None:
    """Tell how these leads stand now, in one order."""
    query = (
        select(
            leads,
            screenings.c.outcome,
            screenings.c.registry_version,
            screenings.c.rules_version,
            screenings.c.context_version,
        )
        .join(
            screenings,
            and_(
                screenings.c.organisation_id == organisation_id,
                screenings.c.screening_key == leads.c.screening_key,
            ),
        )
        .where(leads.c.organisation_id == organisation_id)
        .order_by(leads.c.lead_id)
    )
    for page in pages(lead_ids):
        rows = connection.execute(query.where(leads.c.lead_id.in_(page))).all()
        tell(connection, [_lead_changed(row, new=row.lead_id in new, at=at) for row in rows])


def _lead_changed(row: Any, *, new: bool, at: datetime) -> LeadChanged:
    return LeadChanged(
        organisation_id=row.organisation_id,
        at=at,
        lead_id=row.lead_id,
        subject_kind=row.kind,
        platform=row.platform,
        native_id=row.native_id,
        new=new,
        flagged=row.outcome == Outcome.LEAD.value,
        score=row.score,
        cell=Cell(row.cell) if row.cell else None,
        mark_id=row.mark_id,
        disposition=Disposition(row.disposition),
        case_number=row.case_number,
        revision=row.revision,
        registry_version=row.registry_version,
        rules_version=row.rules_version,
        context_version=row.context_version,
    )


def _put(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(insert(outbox).values(number=outbox_numbers.next_value()), rows)
        return
    last = connection.execute(select(func.coalesce(func.max(outbox.c.number), 0))).scalar_one()
    connection.execute(insert(outbox), [row | {"number": last + place} for place, row in enumerate(rows, start=1)])


def _outgoing(row: Any) -> Outgoing:
    return Outgoing(
        organisation_id=row.organisation_id,
        number=row.number,
        topic=row.topic,
        key=row.message_key,
        message_id=row.message_id,
        body=payload_of(row.body),
    )


def _update(connection: Connection, messages: Sequence[Outgoing], **values: Any) -> None:
    names = [(each.organisation_id, each.number) for each in messages]
    for organisation_id, numbers in _by_organisation(names).items():
        for page in pages(numbers):
            these = (outbox.c.organisation_id == organisation_id, outbox.c.number.in_(page))
            connection.execute(update(outbox).where(*these).values(**values))


def _by_organisation(names: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for organisation_id, number in names:
        found.setdefault(organisation_id, []).append(number)
    return found
