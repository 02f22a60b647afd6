"""The outbox: what others must hear, written in the transaction that makes it true, and handed to relays in order.

A row's number is taken while its transaction holds the lock that orders its key (the lead's row, the registry's
counter, the case lead's revision), so under one key a lower number was always committed first. A relay claims rows for
a while; what it holds blocks later rows of the same topic and key for every other relay.

What relays compete for are keys, not rows: passing over a locked row and taking the next one of its key would turn
their order round. So a relay locks the first waiting row of each key, passes over keys whose first row another has
locked, and only then takes what stands behind the rows it got.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, insert, or_, select, tuple_, update

from models.dead_letters import payload_of, payload_text
from models.events import AnyEvent, LeadChanged, Outgoing, wire
from models.leads import Cell, Disposition, Outcome
from models.storage.engine import pages, reading, writing
from models.storage.tables import leads, screenings
from models.storage.traffic_tables import outbox, outbox_numbers

Key = tuple[str, str, str]  # organisation, topic, key

# A relay looks this much further than it may take, past what others hold.
LOOKED_AT = 4


class SqlOutboxStore:
    """Implements `models.events.OutboxStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, *, by: str, at: datetime, until: datetime, limit: int) -> tuple[Outgoing, ...]:
        """See the port."""
        with writing(self._engine) as connection:
            return claimed(connection, by=by, at=at, until=until, limit=limit)

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


def claimed(
    connection: Connection, *, by: str, at: datetime, until: datetime, limit: int, skipping: bool = True
) -> tuple[Outgoing, ...]:
    """What the relay holds now. Whoever locks the first row of a key has the key until the transaction ends. `skipping`
    says whether keys that another is just taking are passed over or waited for."""
    mine = _locked(connection, by=by, at=at, limit=limit, skipping=skipping)
    taken: list[tuple[str, int]] = []
    held: set[Key] = set()
    # Read again: what stands behind the first rows may have changed before they were locked.
    for row in _waiting(connection, LOOKED_AT * limit):
        key = (row.organisation_id, row.topic, row.message_key)
        anothers = row.claimed_by not in ("", by) and row.claimed_until is not None and row.claimed_until > at
        if anothers or key not in mine:
            held.add(key)
        elif key not in held and len(taken) < limit:
            taken.append((row.organisation_id, row.number))
    return _taken(connection, taken, claimed_by=by, claimed_until=until)


def _locked(connection: Connection, *, by: str, at: datetime, limit: int, skipping: bool) -> set[Key]:
    """At most so many keys whose first waiting row is free and is locked now: more would keep others from them."""
    heads: dict[Key, tuple[str, int]] = {}
    for row in _waiting(connection, LOOKED_AT * limit):
        heads.setdefault((row.organisation_id, row.topic, row.message_key), (row.organisation_id, row.number))
    free = or_(outbox.c.claimed_by.in_(("", by)), outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= at)
    locking = (
        select(outbox.c.organisation_id, outbox.c.topic, outbox.c.message_key)
        .where(outbox.c.sent_at.is_(None), free)
        .order_by(outbox.c.number)
        .with_for_update(skip_locked=skipping)
    )
    found: set[Key] = set()
    for page in pages(list(heads.values())):
        named = tuple_(outbox.c.organisation_id, outbox.c.number).in_(page)
        asked = locking.where(named).limit(limit - len(found))
        found.update((row[0], row[1], row[2]) for row in connection.execute(asked))
    return found


def _waiting(connection: Connection, limit: int) -> Sequence[Any]:
    """Whose turn the rows are that wait longest; not what they say."""
    named = (outbox.c.organisation_id, outbox.c.number, outbox.c.topic, outbox.c.message_key)
    query = select(*named, outbox.c.claimed_by, outbox.c.claimed_until).where(outbox.c.sent_at.is_(None))
    return connection.execute(query.order_by(outbox.c.number).limit(limit)).all()


def _taken(connection: Connection, names: Sequence[tuple[str, int]], **values: Any) -> tuple[Outgoing, ...]:
    found: list[Outgoing] = []
    for organisation_id, numbers in _by_organisation(names).items():
        for page in pages(numbers):
            these = (outbox.c.organisation_id == organisation_id, outbox.c.number.in_(page))
            taking = update(outbox).where(*these).values(**values).returning(outbox)
            found += map(_outgoing, connection.execute(taking))
    return tuple(sorted(found, key=lambda each: each.number))


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
