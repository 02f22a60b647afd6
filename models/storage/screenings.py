"""The ledger of screenings: the effect side of the worker, and the counts that prove nothing was lost.

One batch is one transaction: subjects, screenings, findings, leads, dead letters. What the ledger already knows is
left alone; of what is new, the screening made last wins its subject, whatever the order of arrival.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import PydanticSerializationError
from sqlalchemy import ColumnElement, Connection, Engine, and_, case, exists, func, select
from sqlalchemy.sql.schema import Table

from models.dead_letters import STANDING
from models.errors import PoisonError
from models.identity import SubjectKey
from models.leads import DeadLetter, Outcome, Screening
from models.pictures import PictureReading
from models.storage import archived, lead_traits, parcel_links, readings, tables
from models.storage import dead_letters as letters
from models.storage.archive_tables import archived_subjects
from models.storage.engine import add_missing, insert_all, pages, reading, writing
from models.storage.lead_rows import lead_row
from models.storage.ledger import Entry, by_organisation, load_screenings
from models.storage.queue import parties, search, standing
from models.storage.queue.weighing import weighing_of
from models.subjects import Listing, ParcelRecord

Name = tuple[str, str]  # organisation and key


class SqlScreeningStore:
    """Implements `models.ports.ScreeningStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, screenings: Sequence[Screening], dead_letters: Sequence[DeadLetter] = ()) -> None:
        """See the port. Raises `PoisonError` for a subject that no database can hold (a lone surrogate)."""
        entries, rows = _rows(screenings)
        with writing(self._engine) as connection:
            _stored_states(connection, entries)
            _record(connection, archived.without_repeated(connection, entries), rows)
            letters.keep(connection, dead_letters)

    def record_again(self, screenings: Sequence[Screening]) -> tuple[Screening, ...]:
        """See the port. Subjects are locked first: nobody brings a newer state meanwhile."""
        entries, rows = _rows(screenings)
        with writing(self._engine) as connection:
            states = _stored_states(connection, entries)
            still = [each for each in entries if states.get(each.subject) == each.screening.observation_id]
            _record(connection, still, rows)
        return tuple(entry.screening for entry in still)

    def outcomes(self, organisation_id: str) -> dict[Outcome, int]:
        """See the port. A dead letter whose key is a screened subject's token is not counted again: that subject
        ended in its newest screening. Several dead letters of one key are one subject."""
        subjects, letter = tables.subjects, tables.dead_letters
        ended = (
            select(subjects.c.outcome, func.count())
            .where(subjects.c.organisation_id == organisation_id)
            .group_by(subjects.c.outcome)
        )
        screened = exists().where(
            subjects.c.organisation_id == organisation_id, subjects.c.subject_token == letter.c.message_key
        )
        away = exists().where(
            archived_subjects.c.organisation_id == organisation_id,
            archived_subjects.c.subject_token == letter.c.message_key,
        )
        named = case((letter.c.message_key != "", letter.c.message_key))
        nameless = case((letter.c.message_key == "", 1), else_=0)
        dead = select(func.count(named.distinct()) + func.coalesce(func.sum(nameless), 0)).where(
            letter.c.organisation_id == organisation_id, letter.c.state.in_(STANDING), ~screened, ~away
        )
        with reading(self._engine) as connection:
            counts = Counter({Outcome(outcome): count for outcome, count in connection.execute(ended)})
            counts.update(
                {Outcome(name): count for name, count in archived.outcomes(connection, organisation_id).items()}
            )
            counts[Outcome.DEAD_LETTER] = int(connection.execute(dead).scalar_one())
        return {outcome: counts.get(outcome, 0) for outcome in Outcome}

    def dead_letters(self, organisation_id: str, *, limit: int = 100) -> tuple[DeadLetter, ...]:
        """See the port."""
        table = tables.dead_letters
        query = (
            select(table)
            .where(table.c.organisation_id == organisation_id)
            .order_by(table.c.last_seen.desc(), table.c.topic, table.c.partition, table.c.offset.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(map(letters.letter_of, connection.execute(query)))

    def listing(self, organisation_id: str, platform: str, listing_id: str) -> Listing | None:
        """See the port."""
        subjects, observations = tables.subjects, tables.observations
        query = (
            select(observations.c.body)
            .join(
                subjects,
                and_(
                    subjects.c.organisation_id == observations.c.organisation_id,
                    subjects.c.observation_id == observations.c.observation_id,
                ),
            )
            .where(subjects.c.organisation_id == organisation_id, subjects.c.kind == "listing")
            .limit(2)
        )
        if platform:
            token = SubjectKey(organisation_id, "listing", platform, listing_id).token
            query = query.where(subjects.c.subject_token == token)
        else:
            query = query.where(subjects.c.native_id == listing_id)
        with reading(self._engine) as connection:
            found = connection.execute(query).scalars().all()
        return Listing.model_validate_json(found[0]) if len(found) == 1 else None

    def listings(self, organisation_id: str, listing_ids: Iterable[str]) -> dict[str, Listing]:
        """See the port."""
        with reading(self._engine) as connection:
            return parcel_links.listings(connection, organisation_id, listing_ids)

    def recent_listings(self, organisation_id: str, *, limit: int) -> tuple[Listing, ...]:
        """See the port."""
        subjects, observations = tables.subjects, tables.observations
        recent = (
            select(subjects.c.observation_id, subjects.c.screened_at, subjects.c.subject_token)
            .where(subjects.c.organisation_id == organisation_id, subjects.c.kind == "listing")
            .order_by(subjects.c.screened_at.desc(), subjects.c.subject_token)
            .limit(limit)
            .subquery()
        )
        query = (
            select(observations.c.body)
            .join(recent, recent.c.observation_id == observations.c.observation_id)
            .where(observations.c.organisation_id == organisation_id)
            .order_by(recent.c.screened_at.desc(), recent.c.subject_token)
        )
        with reading(self._engine) as connection:
            return tuple(map(Listing.model_validate_json, connection.execute(query).scalars()))

    def parcels_awaiting(
        self, organisation_id: str, listing_ids: Iterable[str]
    ) -> tuple[tuple[ParcelRecord, datetime], ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return parcel_links.awaiting(connection, organisation_id, listing_ids)

    def save_readings(self, organisation_id: str, found: Sequence[PictureReading]) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            readings.save(connection, organisation_id, found)

    def readings(self, organisation_id: str, addresses: Iterable[str]) -> dict[str, PictureReading]:
        """See the port."""
        with reading(self._engine) as connection:
            return readings.newest(connection, organisation_id, addresses)

    def holds_picture(self, organisation_id: str, content_sha256: str) -> bool:
        """See the port."""
        with reading(self._engine) as connection:
            return readings.holds(connection, organisation_id, content_sha256)


def stands(table: Table, excluded: Any) -> ColumnElement[bool]:
    """The rule of time: an arriving screening takes a subject over unless a later one holds it already."""
    return table.c.screened_at <= excluded.screened_at  # type: ignore[no-any-return]


Rows = dict[Name, tuple[dict[str, Any], dict[str, Any]]]


def _rows(screenings: Sequence[Screening]) -> tuple[list[Entry], Rows]:
    """Each screening once, in one order of locks for every worker, and the rows of each."""
    unique: dict[Name, Entry] = {}
    for entry in map(Entry, screenings):
        unique.setdefault(entry.name, entry)
    entries = sorted(unique.values(), key=lambda entry: entry.subject)
    try:
        return entries, {entry.name: (entry.screening_row(), entry.observation_row()) for entry in entries}
    except PydanticSerializationError as fault:
        raise PoisonError(f"the text cannot be written as UTF-8: {fault}") from fault


def _record(connection: Connection, entries: Sequence[Entry], rows: Rows) -> None:
    names = _add_screenings(connection, [rows[entry.name][0] for entry in entries])
    fresh = [entry for entry in entries if entry.name in names]
    add_missing(connection, tables.observations, [rows[entry.name][1] for entry in fresh])
    add_missing(connection, tables.findings, [row for entry in fresh for row in entry.finding_rows()])
    _move_subjects(connection, fresh)
    parcel_links.keep(connection, entries, fresh)
    _move_leads(connection, fresh)


def _stored_states(connection: Connection, entries: Sequence[Entry]) -> dict[Name, str]:
    """Which observation each subject stands at; the rows stay locked."""
    table = tables.subjects
    query = select(table.c.organisation_id, table.c.subject_token, table.c.observation_id)
    found: dict[Name, str] = {}
    for organisation_id, tokens in by_organisation(entries).items():
        mine = query.where(table.c.organisation_id == organisation_id).order_by(table.c.subject_token)
        for page in pages(tokens):
            held = connection.execute(mine.where(table.c.subject_token.in_(page)).with_for_update())
            found.update({(row.organisation_id, row.subject_token): row.observation_id for row in held})
    return found


def _add_screenings(connection: Connection, rows: list[dict[str, Any]]) -> set[Name]:
    """Insert what is not there yet; returns the names of what was new."""
    table = tables.screenings
    if not rows:
        return set()
    statement, values = insert_all(connection, table, rows)
    statement = statement.on_conflict_do_nothing()
    new = connection.execute(statement.returning(table.c.organisation_id, table.c.screening_key), values)
    return {(organisation_id, key) for organisation_id, key in new}


def _newest(entries: Iterable[Entry]) -> dict[Name, Entry]:
    """Of each subject the screening made last; of equal times the later in the batch."""
    newest: dict[Name, Entry] = {}
    for entry in entries:
        held = newest.get(entry.subject)
        if held is None or held.screening.screened_at <= entry.screening.screened_at:
            newest[entry.subject] = entry
    return newest


def _move_subjects(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [entry.subject_row() for entry in _newest(entries).values()]
    if not rows:
        return
    table = tables.subjects
    statement, values = insert_all(connection, table, rows)
    moved = ("observation_id", "screening_key", "outcome", "screened_at")
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.organisation_id, table.c.subject_token],
        set_={name: statement.excluded[name] for name in moved},
        where=stands(table, statement.excluded),
    )
    connection.execute(statement, values)


def _move_leads(connection: Connection, entries: Sequence[Entry]) -> None:
    """Create the leads of flagged subjects; bring every lead touched to its subject's newest screening. The subject's
    row is locked by now, so what it names as newest stays so until the end of the transaction."""
    flagged: dict[Name, datetime] = {}
    for entry in entries:
        if entry.screening.assessment.flagged:
            at = entry.screening.screened_at
            flagged[entry.subject] = min(at, flagged.get(entry.subject, at))
    newest = _newest(entries)
    by_organisation: dict[str, set[str]] = {}
    for organisation_id, token in newest:
        by_organisation.setdefault(organisation_id, set()).add(token)
    for organisation_id, tokens in sorted(by_organisation.items()):
        touched = _standing_leads(connection, organisation_id, sorted(tokens))
        touched |= {token for organisation, token in flagged if organisation == organisation_id}
        if not touched:
            continue
        newest_of = _newest_screenings(connection, organisation_id, sorted(touched), newest)
        seen = {token: flagged.get((organisation_id, token), each.screened_at) for token, each in newest_of}
        at = max(each.screened_at for _, each in newest_of)
        with standing.kept(connection, organisation_id, touched, at=at):
            put_leads(connection, organisation_id, [screening for _, screening in newest_of], seen)


def put_leads(
    connection: Connection, organisation_id: str, screenings: Sequence[Screening], first_seen: Mapping[str, datetime]
) -> None:
    """Have the leads of these screenings stand at them, and what is found and filtered with them. `first_seen` is by
    the subject's token. Goes with `standing.kept`, or with `standing.rebuild` afterwards."""
    at = max(each.screened_at for each in screenings)
    weighing = weighing_of(connection, organisation_id, at=at)
    lead_traits.keep(connection, organisation_id, screenings, weighing.place)
    parties.name(connection, organisation_id, screenings, weighing)
    rows = [
        lead_row(screening, first_seen=first_seen[screening.subject.key.token], weighing=weighing)
        for screening in screenings
    ]
    _put_rows(connection, rows)
    search.keep(connection, organisation_id, [entry for each in screenings for entry in search.entries_of(each)])


def _standing_leads(connection: Connection, organisation_id: str, tokens: Sequence[str]) -> set[str]:
    query = select(tables.leads.c.lead_id).where(tables.leads.c.organisation_id == organisation_id)
    found: set[str] = set()
    for page in pages(tokens):
        found.update(connection.execute(query.where(tables.leads.c.lead_id.in_(page))).scalars())
    return found


def _newest_screenings(
    connection: Connection, organisation_id: str, tokens: Sequence[str], arrived: dict[Name, Entry]
) -> list[tuple[str, Screening]]:
    """Each subject's newest screening: mostly the one that just arrived, otherwise read back."""
    table = tables.subjects
    query = select(table.c.subject_token, table.c.screening_key).where(table.c.organisation_id == organisation_id)
    keys: dict[str, str] = {}
    for page in pages(tokens):
        keys.update((token, key) for token, key in connection.execute(query.where(table.c.subject_token.in_(page))))
    at_hand = {entry.screening.screening_key: entry.screening for entry in arrived.values()}
    read_back = load_screenings(connection, organisation_id, [key for key in keys.values() if key not in at_hand])
    return [(token, (at_hand | read_back)[key]) for token, key in sorted(keys.items())]


def _put_rows(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert, or move to the newer screening what a screening may move; what people did stays. Another screening is
    another revision: whoever looked at the one before is told."""
    table = tables.leads
    statement, values = insert_all(connection, table, rows)
    stays = {"organisation_id", "lead_id", "disposition", "case_number", "revision", "first_seen"}
    stays |= {"group_id", "group_pinned", "reach"}
    moved: dict[str, Any] = {name: statement.excluded[name] for name in rows[0] if name not in stays}
    moved["value"] = statement.excluded.worth * table.c.reach
    earlier = case(
        (table.c.first_seen <= statement.excluded.first_seen, table.c.first_seen), else_=statement.excluded.first_seen
    )
    another = case((table.c.screening_key != statement.excluded.screening_key, 1), else_=0)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.organisation_id, table.c.lead_id],
        set_=moved | {"first_seen": earlier, "revision": table.c.revision + another},
    )
    connection.execute(statement, values)
