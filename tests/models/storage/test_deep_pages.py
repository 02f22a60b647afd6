"""A page deep in a long list reads what the first page reads: asked of 100,000 case leads and as many leads, and
counted by the database itself. The control is the same page with the condition written out, which is as right and reads
everything in front of it.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import and_, or_, select, text
from sqlalchemy.dialects import postgresql

from models.case_leads import CaseState
from models.case_leads.keeping import CASES_COUNTED_TO, CaseQuery
from models.identity import LOCAL
from models.leads import Disposition
from models.ports import LeadQuery
from models.storage import SqlStore, StoreSettings, migrate, open_store
from models.storage.cursors import cursor_of, place_of
from models.storage.engine import migrating, open_engine
from models.storage.tables import case_standings, metadata
from tests.models.storage.samples import NOON, suspicious
from tests.models.storage.test_hot_plans import Sent, caught, multiply
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres

CASES, LIMIT = 100_000, 50
# A page, one row more to know whether another follows, and what a bitmap or a tie may add.
READ_AT_MOST = 2 * (LIMIT + 1)
QUEUE = LeadQuery(disposition=Disposition.OPEN, limit=LIMIT)


@pytest.fixture(scope="module")
def settings(postgres_server: PostgresServer) -> StoreSettings:
    settings = StoreSettings(url=postgres_server.create_database())
    migrate(settings)
    store = open_store(settings)
    store.screenings.record([suspicious(n) for n in range(40)])
    (lead, *_) = store.leads.find(LOCAL, LeadQuery()).leads
    store.case_leads.register(LOCAL, {lead.lead_id: 0}, by="li", at=NOON)
    store.close()
    multiply(settings)
    engine = open_engine(settings)
    with migrating(engine) as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no foreign keys looked up
        for number, state in enumerate(("registered", "closed")):
            names = {
                "case_number": f"case_number || '-{state}-' || to_char(n, 'FM000000')",
                "registered_at": f"registered_at - make_interval(secs => n + {number} * {CASES})",
                "state": f"'{state}'",
            }
            columns = [names.get(each.name, f'"{each.name}"') for each in case_standings.columns]
            connection.exec_driver_sql(
                f"INSERT INTO case_standings SELECT {', '.join(columns)} FROM case_standings, "
                f"generate_series(1, {CASES // 2}) AS n WHERE strpos(case_number, '-registered-') = 0"
            )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE case_standings")
    engine.dispose()
    return settings


@pytest.fixture
def filled(settings: StoreSettings) -> Iterator[SqlStore]:
    store = open_store(settings)
    yield store
    store.close()


def pages_of(settings: StoreSettings, state: CaseState | None) -> str:
    """The cursor of a place far behind: some ninety thousand case leads stand in front of it."""
    engine = open_engine(settings)
    query = select(case_standings.c.registered_at, case_standings.c.case_number)
    if state is not None:
        query = query.where(case_standings.c.state == state.value)
    order = (case_standings.c.registered_at, case_standings.c.case_number)
    with engine.connect() as connection:
        place = connection.execute(query.order_by(*order).offset(9_000).limit(1)).one()
    engine.dispose()
    return cursor_of(place.registered_at, place.case_number)


@pytest.mark.parametrize("state", [None, CaseState.CLOSED])
def test_a_page_deep_in_the_case_leads(filled: SqlStore, settings: StoreSettings, state: CaseState | None) -> None:
    after = pages_of(settings, state)
    with caught() as sent:
        page = filled.case_leads.find(LOCAL, CaseQuery(state=state, after=after, limit=LIMIT))
    assert len(page.cases) == LIMIT
    (listed,) = [each for each in sent if "body" in each.statement]
    assert rows_read(settings, listed, "case_standings") <= READ_AT_MOST


def test_counting_them_stops_at_a_bound(filled: SqlStore, settings: StoreSettings) -> None:
    with caught() as sent:
        page = filled.case_leads.find(LOCAL, CaseQuery(limit=LIMIT))
    bounded = CaseState.CLOSED, CaseState.REGISTERED
    assert (page.counts, page.more) == (dict.fromkeys(bounded, CASES_COUNTED_TO), frozenset(bounded))
    (counted,) = [each for each in sent if "count(" in each.statement]
    assert rows_read(settings, counted, "case_standings") <= len(CaseState) * (CASES_COUNTED_TO + 1)


@pytest.mark.parametrize("order", ["score", "newest", "value"])
def test_a_page_deep_in_the_queue(filled: SqlStore, settings: StoreSettings, order: str) -> None:
    after = ""
    for _ in range(20):
        deep = LeadQuery(disposition=Disposition.OPEN, limit=400, order=order, after=after)
        after = filled.leads.find(LOCAL, deep).next_cursor
    with caught() as sent:
        filled.leads.find(LOCAL, LeadQuery(disposition=Disposition.OPEN, limit=LIMIT, order=order, after=after))
    read = [rows_read(settings, each, "leads") for each in sent if "ORDER BY leads" in each.statement]
    assert read
    assert max(read) <= 2 * READ_AT_MOST  # the ids, then the rows that have them


def test_a_condition_written_out_reads_what_stands_in_front(filled: SqlStore, settings: StoreSettings) -> None:
    """Negative control: the same page, rightly asked for and wrongly written."""
    at, number = place_of(pages_of(settings, None))
    table = case_standings
    behind = or_(table.c.registered_at < at, and_(table.c.registered_at == at, table.c.case_number < number))
    query = (
        select(table.c.body)
        .where(table.c.organisation_id == LOCAL, behind)
        .order_by(table.c.registered_at.desc(), table.c.case_number.desc())
        .limit(LIMIT + 1)
    )
    compiled = query.compile(dialect=postgresql.psycopg.dialect())
    assert rows_read(settings, Sent(str(compiled), compiled.params), "case_standings") > CASES // 2


def rows_read(settings: StoreSettings, sent: Sent, table: str) -> int:
    """How many rows of the table, or entries of its indexes, the server looked at."""
    assert table in metadata.tables
    engine = open_engine(settings)
    with engine.connect() as connection, connection.begin() as transaction:
        plan = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sent.statement}", sent.parameters
        ).scalar_one()
        transaction.rollback()
    engine.dispose()
    return _read(plan[0]["Plan"] if isinstance(plan, list) else json.loads(plan)[0]["Plan"], table)


def _read(node: dict[str, Any], table: str) -> int:
    found = sum(_read(child, table) for child in node.get("Plans", ()))
    if node.get("Relation Name") == table or table in node.get("Index Name", ""):
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        found += int((node["Actual Rows"] + removed) * node["Actual Loops"])
    return found
