"""Dead letters as rows: kept once by where their message lay, listed, replayed, and brought to their end.

A replay and the record of it are one transaction: the bytes go through the outbox. A letter that the same bytes become
again takes over the attempts and the first time of the one before.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, exists, func, or_, select, update

from models.dead_letters import (
    LetterPage,
    LetterPlace,
    LetterQuery,
    LetterState,
    ReasonCount,
    Replay,
    payload_of,
)
from models.errors import ConflictError, InputError, NotFoundError
from models.events import LetterStored
from models.identity import digest
from models.leads import DeadLetter
from models.storage import outbox
from models.storage.archive_tables import archived_subjects
from models.storage.engine import insert_into, reading, writing
from models.storage.tables import dead_letters as table
from models.storage.tables import subjects

LONGEST_PAGE = 500


class SqlDeadLetterStore:
    """Implements `models.dead_letters.DeadLetterStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, organisation_id: str, query: LetterQuery) -> LetterPage:
        """See the port. At most 500 letters a page."""
        if not 1 <= query.limit <= LONGEST_PAGE:
            raise InputError(f"a page has 1 to {LONGEST_PAGE} letters, not {query.limit}", where="limit")
        wanted = _wanted(organisation_id, query)
        ordered = select(table).where(*wanted, *_beyond(query.after))
        ordered = ordered.order_by(table.c.last_seen.desc(), table.c.topic, table.c.partition, table.c.offset)
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(table).where(*wanted)).scalar_one()
            rows = connection.execute(ordered.limit(query.limit + 1)).all()
        more = len(rows) > query.limit
        cursor = _cursor(rows[query.limit - 1]) if more else ""
        return LetterPage(tuple(map(letter_of, rows[: query.limit])), cursor, int(total))

    def get(self, organisation_id: str, place: LetterPlace) -> DeadLetter:
        """See the port."""
        with reading(self._engine) as connection:
            return letter_of(_row(connection, organisation_id, place))

    def reasons(self, organisation_id: str, *, limit: int = 50) -> tuple[ReasonCount, ...]:
        """See the port."""
        counted = func.count().label("counted")
        query = (
            select(table.c.topic, table.c.reason, counted)
            .where(table.c.organisation_id == organisation_id, table.c.state == LetterState.OPEN.value)
            .group_by(table.c.topic, table.c.reason)
            .order_by(counted.desc(), table.c.topic, table.c.reason)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(ReasonCount(topic=row.topic, reason=row.reason, count=row.counted) for row in rows)

    def replay(self, organisation_id: str, places: Sequence[LetterPlace], *, by: str, at: datetime) -> Replay:
        """See the port. The letter's row is locked first: of two who replay it, one does."""
        replayed, overtaken = [], []
        with writing(self._engine) as connection:
            for place in sorted(set(places), key=str):
                row = _row(connection, organisation_id, place, lock=True)
                if row.state != LetterState.OPEN:
                    raise ConflictError(
                        f"the letter is {row.state}", where=str(place), mend="only an open letter is replayed"
                    )
                if _overtaken(connection, row):
                    overtaken.append(place)
                    continue
                marked = {"state": LetterState.REPLAYED.value, "replayed_at": at, "replayed_by": by}
                connection.execute(update(table).where(*_at(organisation_id, place)).values(**marked))
                outbox.send_again(
                    connection,
                    organisation_id,
                    place.topic,
                    row.message_key,
                    payload_of(letter_of(row).payload),
                    message_id=digest("replay", organisation_id, str(place)),
                    at=at,
                )
                replayed.append(place)
        return Replay(replayed=tuple(replayed), overtaken=tuple(overtaken))

    def replayed(self, organisation_id: str) -> frozenset[tuple[str, str]]:
        """See the port."""
        query = select(table.c.topic, table.c.payload_sha256).where(
            table.c.organisation_id == organisation_id, table.c.state == LetterState.REPLAYED.value
        )
        with reading(self._engine) as connection:
            return frozenset((row.topic, row.payload_sha256) for row in connection.execute(query))

    def settle(self, organisation_id: str, handled: Sequence[tuple[str, str]], *, at: datetime) -> int:
        """See the port."""
        settled = 0
        with writing(self._engine) as connection:
            for topic, sha256 in sorted(set(handled)):
                these = (
                    table.c.organisation_id == organisation_id,
                    table.c.topic == topic,
                    table.c.payload_sha256 == sha256,
                    table.c.state == LetterState.REPLAYED.value,
                )
                ended = {"state": LetterState.SETTLED.value, "ended_at": at}
                settled += connection.execute(update(table).where(*these).values(**ended)).rowcount
        return settled


def keep(connection: Connection, letters: Sequence[DeadLetter]) -> None:
    """Keep the letters whose place has none yet, and tell others of them."""
    if not letters:
        return
    by_name = {_name(letter): letter for letter in letters}
    ordered = [_letter_row(by_name[name]) for name in sorted(by_name)]
    statement = insert_into(connection, table).on_conflict_do_nothing()
    columns = (table.c.organisation_id, table.c.topic, table.c.partition, table.c.offset)
    fresh = sorted(tuple(row) for row in connection.execute(statement.returning(*columns), ordered))
    told = [_carried(connection, by_name[name]) for name in fresh]
    outbox.tell(connection, [_stored(letter) for letter in told])


def letter_of(row: Row[Any]) -> DeadLetter:
    """The letter with where it stands now."""
    stands = {
        "state": LetterState(row.state),
        "replayed_at": row.replayed_at,
        "replayed_by": row.replayed_by,
        "ended_at": row.ended_at,
    }
    return DeadLetter.model_validate_json(row.body).model_copy(update=stands)


def _carried(connection: Connection, letter: DeadLetter) -> DeadLetter:
    """The letter, which goes on from the one whose replay it is, if there is one."""
    query = (
        select(table)
        .where(
            table.c.organisation_id == letter.organisation_id,
            table.c.topic == letter.topic,
            table.c.payload_sha256 == letter.payload_sha256,
            table.c.state == LetterState.REPLAYED.value,
        )
        .order_by(table.c.replayed_at, table.c.partition, table.c.offset)
        .limit(1)
        .with_for_update()
    )
    before = connection.execute(query).one_or_none()
    if before is None:
        return letter
    earlier = letter_of(before)
    replaced = {"state": LetterState.REPLACED.value, "ended_at": letter.last_seen}
    connection.execute(update(table).where(*_at(letter.organisation_id, earlier.place)).values(**replaced))
    carried = letter.model_copy(
        update={"first_seen": earlier.first_seen, "attempts": earlier.attempts + letter.attempts}
    )
    written = update(table).where(*_at(letter.organisation_id, letter.place))
    connection.execute(written.values(body=carried.model_dump_json()))
    return carried


def _overtaken(connection: Connection, row: Row[Any]) -> bool:
    """Whether the subject that the message is about was screened after the message died, be it archived by now."""
    newer = [
        exists().where(
            table.c.organisation_id == row.organisation_id,
            table.c.subject_token == row.message_key,
            table.c.screened_at > row.last_seen,
        )
        for table in (subjects, archived_subjects)
    ]
    return bool(connection.execute(select(or_(*newer))).scalar_one())


def _stored(letter: DeadLetter) -> LetterStored:
    return LetterStored(
        organisation_id=letter.organisation_id,
        at=letter.last_seen,
        source_topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        message_key=letter.key,
        payload_sha256=letter.payload_sha256,
        reason=letter.reason,
        first_seen=letter.first_seen,
        last_seen=letter.last_seen,
        attempts=letter.attempts,
    )


def _row(connection: Connection, organisation_id: str, place: LetterPlace, *, lock: bool = False) -> Row[Any]:
    query = select(table).where(*_at(organisation_id, place))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(f"no dead letter {str(place)!r}", mend="it may belong to another organisation")
    return row


def _at(organisation_id: str, place: LetterPlace) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.organisation_id == organisation_id,
        table.c.topic == place.topic,
        table.c.partition == place.partition,
        table.c.offset == place.offset,
    )


def _letter_row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "organisation_id": letter.organisation_id,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "message_key": letter.key,
        "last_seen": letter.last_seen,
        "reason": letter.reason,
        "payload_sha256": letter.payload_sha256,
        "body": letter.model_dump_json(),
    }


def _name(letter: DeadLetter) -> tuple[Any, ...]:
    return letter.organisation_id, letter.topic, letter.partition, letter.offset


def _wanted(organisation_id: str, query: LetterQuery) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [table.c.organisation_id == organisation_id]
    if query.topic:
        wanted.append(table.c.topic == query.topic)
    if query.reason:
        wanted.append(table.c.reason.contains(query.reason, autoescape=True))
    if query.whole_reason:
        wanted.append(table.c.reason == query.whole_reason)
    if query.states:
        wanted.append(table.c.state.in_([state.value for state in query.states]))
    return wanted


def _cursor(row: Row[Any]) -> str:
    place = [row.last_seen.isoformat(), row.topic, row.partition, row.offset]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _beyond(cursor: str) -> list[ColumnElement[bool]]:
    if not cursor:
        return []
    try:
        at, topic, partition, offset = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        moment = datetime.fromisoformat(at)
        if (
            moment.tzinfo is None
            or not isinstance(topic, str)
            or not all(isinstance(n, int) for n in (partition, offset))
        ):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise InputError(
            "the cursor does not belong to this list", where="after", mend="begin at the first page"
        ) from None
    same = table.c.last_seen == moment
    in_topic = and_(same, table.c.topic == topic)
    in_partition = and_(in_topic, table.c.partition == partition)
    return [
        or_(
            table.c.last_seen < moment,
            and_(same, table.c.topic > topic),
            and_(in_topic, table.c.partition > partition),
            and_(in_partition, table.c.offset > offset),
        )
    ]
