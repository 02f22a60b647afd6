"""The hottest questions to PostgreSQL are answered through indexes: none of them reads a large table from end to end.

Each question is asked through the store, of some ten thousand rows made by multiplying a few; what it sends is caught
and explained. A large table is read through when the plan scans it, and when it takes from an index all that an
organisation has, without a limit above that ends it early.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, event

from models.identity import LOCAL
from models.leads import Disposition
from models.pictures import PictureReading
from models.ports import LeadQuery
from models.storage import SqlStore, StoreSettings, migrate, open_store
from models.storage.engine import migrating, open_engine
from models.storage.tables import metadata
from tests.models.storage.samples import at, letter, listing, parcel, screening, suspicious
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres

# Tables that grow with what is watched; all others grow with people and settings.
LARGE = (
    "observations",
    "subjects",
    "screenings",
    "findings",
    "leads",
    "picture_readings",
    "awaited_listings",
    "dead_letters",
    "archived_subjects",
)
# One organisation may have all of the rows, and most of them be open leads on listings.
SHARED = frozenset({"organisation_id", "disposition", "kind"})
ROWS, TIMES = 40, 250
# What tells one row from another: multiplied rows differ here, and stay joined as they were.
KEYS = frozenset(
    {
        "observation_id",
        "subject_token",
        "screening_key",
        "native_id",
        "listing_id",
        "lead_id",
        "group_id",
        "reading_key",
        "address_key",
        "key",
    }
)
TIMED = frozenset({"screened_at", "first_seen", "last_seen"})
OPEN = LeadQuery(disposition=Disposition.OPEN)


def _second_page(store: SqlStore) -> object:
    first = store.leads.find(LOCAL, LeadQuery(disposition=Disposition.OPEN, limit=2))
    assert first.next_cursor
    return store.leads.find(LOCAL, LeadQuery(disposition=Disposition.OPEN, limit=2, after=first.next_cursor))


def _a_lead(store: SqlStore) -> str:
    return store.leads.find(LOCAL, OPEN).leads[0].lead_id


QUESTIONS: dict[str, Callable[[SqlStore], object]] = {
    "the queue's first page": lambda store: store.leads.find(LOCAL, OPEN),
    "the queue's next page": _second_page,
    "the queue by time": lambda store: store.leads.find(LOCAL, LeadQuery(disposition=Disposition.OPEN, order="newest")),
    "the queue by value": lambda store: store.leads.find(LOCAL, LeadQuery(disposition=Disposition.OPEN, order="value")),
    "one lead": lambda store: store.leads.get(LOCAL, _a_lead(store)),
    "how a lead was screened": lambda store: store.leads.screenings(LOCAL, _a_lead(store)),
    "a lead's group": lambda store: store.groups.of_lead(LOCAL, _a_lead(store)),
    "a batch stored": lambda store: store.screenings.record([suspicious(3), screening(listing(4))]),
    "readings of pictures": lambda store: store.screenings.readings(LOCAL, ["https://shop.example/1.jpg"]),
    "a listing": lambda store: store.screenings.listing(LOCAL, "taobao", "item-1"),
    "listings by id": lambda store: store.screenings.listings(LOCAL, ["item-1", "item-2"]),
    "parcels that wait for a listing": lambda store: store.screenings.parcels_awaiting(LOCAL, ["item-1"]),
    "the newest listings": lambda store: store.screenings.recent_listings(LOCAL, limit=20),
    "a subject in the archive": lambda store: store.archive.entries(LOCAL, platform="taobao", native_id="item-90"),
    "the newest dead letters": lambda store: store.screenings.dead_letters(LOCAL, limit=20),
}


@dataclass(frozen=True)
class Sent:
    """A statement as the driver took it."""

    statement: str
    parameters: Any


@pytest.fixture(scope="module")
def settings(postgres_server: PostgresServer) -> StoreSettings:
    settings = StoreSettings(url=postgres_server.create_database())
    migrate(settings)
    store = open_store(settings)
    store.screenings.record([suspicious(n) if n % 2 else screening(listing(n)) for n in range(ROWS)], [letter(1)])
    store.screenings.record([screening(listing(n)) for n in range(90, 90 + ROWS)])
    store.archive.move(
        LOCAL, store.archive.due(LOCAL, before=at(9), limit=ROWS).subjects, "f" * 64, before=at(9), at=at(9)
    )
    store.screenings.record([screening(parcel(n, listing_id=f"later-{n}")) for n in range(ROWS)])
    store.screenings.save_readings(
        LOCAL, [PictureReading(address=f"https://shop.example/{n}.jpg") for n in range(ROWS)]
    )
    store.close()
    multiply(settings)
    return settings


@pytest.fixture
def filled(settings: StoreSettings) -> Iterator[SqlStore]:
    store = open_store(settings)
    yield store
    store.close()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_hot_question_reads_no_large_table_through(filled: SqlStore, settings: StoreSettings, question: str) -> None:
    with caught() as sent:
        QUESTIONS[question](filled)
    assert sent
    assert [fault for each in sent for fault in faults(settings, each)] == []


@pytest.mark.parametrize(
    ("index", "question"),
    [
        ("ix_leads_by_value", "the queue by value"),
        ("ix_screenings_by_subject", "how a lead was screened"),
        ("ix_subjects_by_time", "the newest listings"),
    ],
)
def test_a_dropped_index_is_noticed(filled: SqlStore, settings: StoreSettings, index: str, question: str) -> None:
    with caught() as sent:
        QUESTIONS[question](filled)
    assert [fault for each in sent for fault in faults(settings, each, without=index)]


def multiply(settings: StoreSettings) -> None:
    """Many more rows of every large table, and statistics of them."""
    engine = open_engine(settings)
    with migrating(engine) as connection:
        for name in LARGE:
            columns = metadata.tables[name].columns.keys()
            values = ", ".join(map(_multiplied, columns))
            names = ", ".join(f'"{column}"' for column in columns)
            connection.exec_driver_sql(
                f"INSERT INTO {name} ({names}) SELECT {values} FROM {name}, generate_series(1, {TIMES}) AS n"
            )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _multiplied(column: str) -> str:
    if column in KEYS:
        return f'"{column}" || chr(126) || n'
    if column in TIMED:
        return f'"{column}" - make_interval(secs => n)'
    return f'"{column}" + n' if column in ("offset", "sequence") else f'"{column}"'


@contextmanager
def caught() -> Iterator[list[Sent]]:
    """What is sent meanwhile that reads or changes rows."""
    sent: list[Sent] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        first = parameters[0] if isinstance(parameters, list) else parameters
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            sent.append(Sent(statement, first))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def faults(settings: StoreSettings, sent: Sent, *, without: str = "") -> list[str]:
    """The large tables that the statement reads through; `without` an index, which is there again afterwards."""
    engine = open_engine(settings)
    with engine.connect() as connection, connection.begin() as transaction:
        if without:
            connection.exec_driver_sql(f"DROP INDEX {without}")
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sent.statement}", sent.parameters).scalar_one()
        transaction.rollback()
    engine.dispose()
    told = plan if isinstance(plan, list) else json.loads(plan)
    return [f"{fault}: {sent.statement}" for fault in _read_through(told[0]["Plan"], limited=False)]


def _read_through(node: dict[str, Any], *, limited: bool) -> list[str]:
    """A limit above bounds what is read, unless all of it has to be sorted first."""
    kind, table = node["Node Type"], node.get("Relation Name", "")
    limited = (limited or kind == "Limit") and kind not in ("Sort", "Aggregate", "Hash")
    found = []
    if table in LARGE and (kind == "Seq Scan" or not (limited or _narrows(node))):
        found.append(f"{kind} of {table}")
    for child in node.get("Plans", ()):
        found += _read_through(child, limited=limited)
    return found


def _narrows(node: dict[str, Any]) -> bool:
    """Whether the index is asked for more than what most of the rows share."""
    conditions = [node.get("Index Cond", ""), *(child.get("Index Cond", "") for child in node.get("Plans", ()))]
    return bool(set(re.findall(r"\(+(\w+)", " ".join(conditions))) - SHARED)
