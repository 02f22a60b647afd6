"""Letters and what was written down of them: read by every party, written by each in its own name alone."""

from sqlalchemy import ColumnElement, Connection, Select, insert, or_, select

from models.errors import ConflictError, JianzhenError, NotFoundError
from models.liaison import LiaisonAct, LiaisonEvent, Progress, SentLetter, progress_of
from models.liaison.progress import SHARED
from models.storage import counters
from models.storage.liaison_tables import liaison_events, liaison_letters


def party_to(organisation_id: str) -> ColumnElement[bool]:
    """The letters that an organisation sent, received or is named in as the holder."""
    table = liaison_letters
    return or_(
        table.c.organisation_id == organisation_id,
        table.c.receiver_id == organisation_id,
        table.c.holder_id == organisation_id,
    )


def add(connection: Connection, letter: SentLetter) -> None:
    written = letter.letter
    connection.execute(
        insert(liaison_letters).values(
            organisation_id=written.sender_id,
            batch_id=written.batch_id,
            receiver_id=written.receiver_id,
            holder_id=written.holder_id,
            sent_at=letter.sent_at,
            body=letter.model_dump_json(),
        )
    )


def read(connection: Connection, organisation_id: str, batch_id: str) -> SentLetter:
    """One that this organisation is a party to. Raises `NotFoundError`; `JianzhenError` where what is stored is not
    what was signed."""
    query = select(liaison_letters.c.body).where(liaison_letters.c.batch_id == batch_id, party_to(organisation_id))
    body = connection.execute(query).scalar_one_or_none()
    if body is None:
        raise NotFoundError(f"no letter {batch_id!r}", mend="it may be another organisation's")
    letter = SentLetter.model_validate_json(body)
    if not letter.unchanged:
        raise JianzhenError("the stored letter is not the one that was signed", where=f"letter {batch_id}")
    return letter


def every(connection: Connection, organisation_id: str) -> tuple[SentLetter, ...]:
    """Newest first."""
    query = select(liaison_letters.c.body).where(party_to(organisation_id))
    ordered = query.order_by(liaison_letters.c.sent_at.desc(), liaison_letters.c.batch_id)
    return tuple(map(SentLetter.model_validate_json, connection.execute(ordered).scalars()))


def events(connection: Connection, organisation_id: str, batch_id: str) -> tuple[LiaisonEvent, ...]:
    """What this organisation wrote, and what the other parties wrote for all; oldest first."""
    query = select(liaison_events.c.body).where(liaison_events.c.batch_id == batch_id, _seen_by(organisation_id))
    return tuple(map(LiaisonEvent.model_validate_json, connection.execute(_in_order(query)).scalars()))


def events_of_all(connection: Connection, organisation_id: str) -> dict[str, tuple[LiaisonEvent, ...]]:
    """The same for every batch that this organisation has to do with."""
    found: dict[str, list[LiaisonEvent]] = {}
    query = select(liaison_events.c.body).where(liaison_events.c.shared == 1, _seen_by(organisation_id))
    for body in connection.execute(_in_order(query)).scalars():
        event = LiaisonEvent.model_validate_json(body)
        found.setdefault(event.batch_id, []).append(event)
    return {batch_id: tuple(each) for batch_id, each in found.items()}


def _seen_by(organisation_id: str) -> ColumnElement[bool]:
    table = liaison_events
    shared = (table.c.shared == 1) & or_(
        table.c.sender_id == organisation_id,
        table.c.receiver_id == organisation_id,
        table.c.holder_id == organisation_id,
    )
    return or_(table.c.organisation_id == organisation_id, shared)


def _in_order(query: Select[str]) -> Select[str]:
    table = liaison_events
    return query.order_by(table.c.at, table.c.organisation_id, table.c.number)


def progress(connection: Connection, organisation_id: str, batch_id: str) -> Progress:
    """Raises what `read` raises."""
    letter = read(connection, organisation_id, batch_id)
    return progress_of(letter.letter, events(connection, organisation_id, batch_id))


def write(
    connection: Connection, event: LiaisonEvent, *, sender_id: str, receiver_id: str = "", holder_id: str = ""
) -> LiaisonEvent:
    """Write an act down, numbered among those of its writer."""
    number = counters.advance(connection, event.organisation_id, f"liaison-{event.batch_id}")
    numbered = event.model_copy(update={"number": number})
    connection.execute(
        insert(liaison_events).values(
            organisation_id=event.organisation_id,
            batch_id=event.batch_id,
            number=number,
            sender_id=sender_id,
            receiver_id=receiver_id,
            holder_id=holder_id,
            act=event.act.value,
            shared=int(event.act in SHARED),
            at=event.at,
            body=numbered.model_dump_json(),
        )
    )
    return numbered


def tell(connection: Connection, event: LiaisonEvent, seen: int | None) -> LiaisonEvent:
    """An act on a sent letter. Its writer's counter is locked first, so that of several in one organisation each sees
    what the one before wrote."""
    counters.advance(connection, event.organisation_id, f"liaison-{event.batch_id}", by=0)
    letter = read(connection, event.organisation_id, event.batch_id).letter
    if seen is not None and progress(connection, event.organisation_id, event.batch_id).revision != seen:
        raise ConflictError(
            "the letter was answered by somebody else meanwhile",
            where=f"letter {event.batch_id}",
            mend="load it again and see where its rows stand",
        )
    return write(
        connection,
        event,
        sender_id=letter.sender_id,
        receiver_id=letter.receiver_id,
        holder_id=letter.holder_id,
    )


def receivers(connection: Connection, organisation_id: str, batch_id: str) -> tuple[str, ...]:
    """Everybody to whom something of a batch was sent or handed out, first come first."""
    found = events(connection, organisation_id, batch_id)
    names = [each.receiver for each in found if each.act in {LiaisonAct.SENT, LiaisonAct.EXPORTED}]
    return tuple(dict.fromkeys(name for name in names if name))
