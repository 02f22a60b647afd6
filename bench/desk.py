"""How fast the desk's pages are made at full size: a million leads on a hundred thousand operators, on SQLite and,
where one is installed, on PostgreSQL with its walls.

Server time is that of the application answering a request in this process, everything included but the network; beside
it stands the processor's time in this process, which a busy machine does not stretch. The baseline in the same run is
the smallest page that a signed-in person sees (the profile): what every page pays.
`JIANZHEN_BENCH_LEADS` makes it smaller.
"""

import asyncio
import os
import random
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time

import httpx
from fastapi import FastAPI
from sqlalchemy import Connection, func, insert, select, text

from bench.made_leads import PLATFORMS, made
from bench.store import AT
from jianzhen.engine import Engine
from jianzhen.settings import Settings
from models.access import Account
from models.identity import LOCAL
from models.leads import Cell, Disposition
from models.moments import now
from models.organisations import Organisation, Role
from models.ports import LeadQuery
from models.queue.worth import reach
from models.registry import Mark, ReferenceGoods, Registry
from models.storage import SqlStore, StoreSettings, migrate, open_store, tables
from models.storage.engine import migrating, open_engine, outside_transactions, reading, writing
from models.storage.queue import standing
from models.storage.queue_tables import parties
from review_api.app import create_app
from review_api.sessions import cookie_name
from review_api.settings import ReviewSettings
from review_api.tokens import token_hash
from tests.servers.postgres import find_programs, serving

LEADS = int(os.environ.get("JIANZHEN_BENCH_LEADS", "1000000"))
OPERATORS = LEADS // 10
TEMPLATES = 1_000
ROUNDS = 40
MARKS = 300
LIMIT_MS = 120.0
HEX = {"sqlite": "printf('%0{width}x', {value})", "postgresql": "lpad(to_hex(({value})::bigint), {width}, '0')"}


def run() -> dict[str, float]:
    """Milliseconds at the 50th and 95th percentile for each page, by engine."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        figures |= _measured("SQLite", StoreSettings(url=f"sqlite:///{folder}/store.sqlite"))
    with _postgres() as url:
        if url:
            figures |= _measured("PostgreSQL", StoreSettings(url=url))
    return figures


def _measured(name: str, settings: StoreSettings) -> dict[str, float]:
    migrate(settings)
    started = perf_counter()
    _fill(settings)
    figures = {f"{name}: seconds to fill with {LEADS:,} leads": perf_counter() - started}
    with tempfile.TemporaryDirectory() as folder:
        given = Settings(data_dir=Path(folder), store=settings).model_dump(exclude={"objects", "worker"})
        engine = Engine(Settings(**given, objects={"url": f"{folder}/objects"}, worker={"index_folder": ""}))
        store = open_store(settings)
        app = create_app(store, engine.objects, engine.screening, ReviewSettings())
        for page, (took, worked) in asyncio.run(_visit(app, store, _pages(store))).items():
            figures[f"{name}, {page}: ms, median"] = quantiles(took, n=20)[9]
            figures[f"{name}, {page}: ms, 95th percentile"] = quantiles(took, n=20)[18]
            figures[f"{name}, {page}: ms of this process, 95th percentile"] = quantiles(worked, n=20)[18]
        store.close()
        engine.close()
    return figures


def _pages(store: SqlStore) -> dict[str, list[str]]:
    """What is asked for, each in several forms so that no answer is only the one before."""
    chance = random.Random(7)
    with reading(store.leads._engine) as connection:
        opened = connection.execute(select(tables.subjects.c.subject_token)).scalars().all()
        keys = connection.execute(select(parties.c.party_key).limit(2_000)).scalars().all()
    second = store.leads.find(LOCAL, LeadQuery(disposition=Disposition.OPEN, grouped=True, order="value")).next_cursor
    return {
        "profile (the baseline)": ["/profile"],
        "queue by group, by value": ["/leads"],
        "queue each lead, by value": ["/leads?grouped=no"],
        "queue by score": ["/leads?order=score"],
        "queue, second page": [f"/leads?after={second}"],
        "queue, one mark": [f"/leads?mark=m-{chance.randrange(MARKS)}" for _ in range(ROUNDS)],
        "queue, one platform": [f"/leads?platform={each}" for each in PLATFORMS],
        "queue, one category": [f"/leads?category=类目{number}" for number in range(12)],
        "queue, one cell and evidence": [f"/leads?cell={cell}&detector=pictures" for cell in Cell],
        "queue, my own": ["/leads?turn=mine"],
        "queue, one operator": [f"/leads?operator={key}" for key in chance.sample(keys, 40)],
        "queue by operator": ["/operators"],
        "one operator": [f"/operators/{key}" for key in chance.sample(keys, 40)],
        "lead": [f"/leads/{lead}" for lead in chance.sample(opened, min(len(opened), 200))],
    }


async def _visit(
    app: FastAPI, store: SqlStore, pages: dict[str, list[str]]
) -> dict[str, tuple[list[float], list[float]]]:
    account = Account(
        organisation_id=LOCAL, account_id="bench", name="bench", password_hash="", roles=(Role.SUPERVISOR,)
    )
    store.accounts.save(account)
    token, at = secrets.token_urlsafe(32), now()
    store.accounts.open_session(token_hash(token), "bench", at=at, expires_at=at + timedelta(hours=9))
    took: dict[str, tuple[list[float], list[float]]] = {page: ([], []) for page in pages}
    transport = httpx.ASGITransport(app=app)
    cookies = {cookie_name(ReviewSettings()): token}
    async with httpx.AsyncClient(transport=transport, base_url="http://bench.test", cookies=cookies) as client:
        for number in range(ROUNDS + 2):
            for page, forms in pages.items():
                started, working = perf_counter(), process_time()
                answer = await client.get(forms[number % len(forms)])
                assert answer.status_code == 200, (page, answer.status_code)
                if number >= 2:  # the first of each are warming up
                    took[page][0].append(1000 * (perf_counter() - started))
                    took[page][1].append(1000 * (process_time() - working))
    return took


def _fill(settings: StoreSettings) -> None:
    """A thousand leads as screening makes them, each a thousand times over with ids, titles, scores, operators and
    groups of their own. What follows from leads is then built as an upgrade builds it."""
    store = open_store(settings)
    store.organisations.save(Organisation(name="测试所", regions=("330000",)))
    marks = tuple(
        Mark(mark_id=f"m-{number}", text=f"晴川{number}", holder=f"权利人{number % 40}") for number in range(MARKS)
    )
    goods = tuple(
        ReferenceGoods(goods_id=f"g-{mark.mark_id}", mark_id=mark.mark_id, name="护手霜", specification="50g")
        for mark in marks
    )
    version = store.registry.commit(LOCAL, Registry(marks=marks, goods=goods), at=AT)
    chance = random.Random(20_260_302)
    cells = list(product(Cell, PLATFORMS))
    screenings = [made(number, chance, *chance.choice(cells), MARKS, version) for number in range(TEMPLATES)]
    store.screenings.record(screenings)
    store.close()
    engine = open_engine(settings)
    indexes = sorted(tables.leads.indexes, key=lambda index: str(index.name))
    with migrating(engine) as connection:  # indexes are made when the rows are there: a tenth of the time
        for index in indexes:
            index.drop(connection)
        _multiply(connection)
        for index in indexes:
            index.create(connection)
    with writing(engine) as connection:
        _people_parties(connection)
        standing.rebuild(connection, LOCAL)
    if engine.dialect.name == "postgresql":  # as autovacuum would have it by then: pages known to be all visible
        with outside_transactions(engine) as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()
    open_store(settings).close()  # as every process does at its end: SQLite takes stock


def _multiply(connection: Connection) -> None:
    """INSERT … SELECT: every template times a series."""
    times, hexed = LEADS // TEMPLATES, HEX[connection.dialect.name]
    series = "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {last}) SELECT n FROM n)"
    own = {
        "lead_id": "substr(t.lead_id, 1, 24) || " + hexed.format(value="n.n", width=8),
        "native_id": "t.native_id || '-' || n.n",
        "title": "t.title || ' ' || n.n",
        "search_text": "t.search_text || ' ' || n.n",
        "score": "t.score + (n.n * 31 + t.place) % 997 / 1000.0",
        "worth": "t.worth * (1 + (n.n * 17 + t.place) % 499 / 5000.0)",
        "value": "t.worth * (1 + (n.n * 17 + t.place) % 499 / 5000.0)"
        f" * CASE WHEN t.place % 10 < 3 THEN {reach(4)} ELSE 1 END",
        "reach": f"CASE WHEN t.place % 10 < 3 THEN {reach(4)} ELSE 1 END",
        "group_id": "substr(t.lead_id, 1, 24) || "
        + hexed.format(value="CASE WHEN t.place % 10 < 3 THEN n.n / 4 * 4 ELSE n.n END", width=8),
        "party_key": hexed.format(value=f"(n.n * 7919 + t.place * 104729) % {OPERATORS}", width=32),
        "disposition": "CASE WHEN (n.n + t.place) % 10 = 0 THEN 'dismissed' ELSE 'open' END",
    }
    names = [column.name for column in tables.leads.columns]
    taken = ", ".join(own.get(name, f"t.{name}") for name in names)
    numbered = "(SELECT *, row_number() OVER (ORDER BY lead_id) AS place FROM leads)"
    connection.execute(
        text(
            f"INSERT INTO leads ({', '.join(names)}) SELECT {taken} FROM {numbered} AS t"
            f" CROSS JOIN {series.format(last=times - 1)} AS n ORDER BY {own['lead_id']}"
        )
    )


def _people_parties(connection: Connection) -> None:
    leads = tables.leads
    query = select(
        leads.c.organisation_id, leads.c.party_key, func.min(leads.c.seller_name), func.max(leads.c.last_seen)
    ).where(leads.c.organisation_id == LOCAL).group_by(leads.c.organisation_id, leads.c.party_key)  # fmt: skip
    known = set(connection.execute(select(parties.c.party_key)).scalars())
    rows = [
        {
            "organisation_id": LOCAL, "party_key": key, "name": f"{name}{key[-5:]}", "uscc": "", "division": "",
            "place": "unknown", "leads": 0, "open_leads": 0, "best_score": 0.0, "value": 0.0, "last_seen": seen,
        }
        for _, key, name, seen in connection.execute(query)
        if key not in known
    ]  # fmt: skip
    connection.execute(insert(parties), rows)


@contextmanager
def _postgres() -> Iterator[str]:
    """A server of the bench's own; an empty address where none is installed."""
    if find_programs() is None:
        yield ""
        return
    with serving() as server:
        yield server.create_database()
