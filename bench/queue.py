"""How fast the queue answers on SQLite: a page with its counts, beside the same answers by joining the findings.

The baseline is the plain way to the same figures: every field counted by a statement of its own, marks and detectors
looked for among the findings. Both run on the same file, warm, in turn.
"""

import random
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Connection, insert, text

from bench.made_leads import PLATFORMS, made
from bench.store import AT
from models.identity import LOCAL
from models.leads import Cell, Disposition
from models.ports import LeadQuery
from models.storage import SqlStore, StoreSettings, lead_traits, migrate, open_store, tables
from models.storage.engine import open_engine, reading, writing
from models.storage.lead_rows import lead_row
from models.storage.ledger import Entry
from models.storage.queue import standing

SIZES = (20_000, 200_000)
ROUNDS = 5
MARKS, BATCH = 300, 2_000
ASKED: dict[str, LeadQuery] = {
    "open leads": LeadQuery(disposition=Disposition.OPEN),
    "open leads, twins as one card": LeadQuery(disposition=Disposition.OPEN, grouped=True),
    "one mark and one detector": LeadQuery(disposition=Disposition.OPEN, mark_id="m-7", detector="pictures"),
    "words in titles": LeadQuery(disposition=Disposition.OPEN, text="护手霜 9"),
}
FIELDS = ("disposition", "kind", "platform", "cell")
SPEAKS = (
    "EXISTS (SELECT 1 FROM findings f WHERE f.organisation_id = l.organisation_id"
    " AND f.screening_key = l.screening_key AND f.stance = 'for' AND f.{name} = :{name})"
)


def run() -> dict[str, float]:
    """Milliseconds for a page with its counts, median of `ROUNDS`."""
    figures: dict[str, float] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            settings = StoreSettings(url=f"sqlite:///{Path(folder) / 'store.sqlite'}")
            migrate(settings)
            _fill(settings, size)
            store = open_store(settings)
            engine = open_engine(settings)
            with reading(engine) as connection:
                for name, query in ASKED.items():
                    ours, plain = _in_turn(partial(_ask, store, query), partial(_join, connection, query))
                    figures[f"{size:,} leads, {name}: ms"] = ours
                    figures[f"{size:,} leads, {name}: ms by joining findings"] = plain
            engine.dispose()
            store.close()
    return figures


def _in_turn(ours: Callable[[], int], plain: Callable[[], int]) -> tuple[float, float]:
    assert ours() == plain()  # the same leads, or the comparison is void
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, act in zip(took, (ours, plain), strict=True):
            start = perf_counter()
            act()
            times.append(1000 * (perf_counter() - start))
    return median(took[0]), median(took[1])


def _ask(store: SqlStore, query: LeadQuery) -> int:
    store.leads.facets(LOCAL, query)
    return store.leads.find(LOCAL, query).total


def _join(connection: Connection, query: LeadQuery) -> int:
    given = {"disposition": "open", "mark_id": query.mark_id, "detector": query.detector, "text": f"%{query.text}%"}
    wanted = ["l.organisation_id = 'local'", "l.disposition = :disposition"]
    wanted += [SPEAKS.format(name=name) for name in ("mark_id", "detector") if given[name]]
    wanted += ["l.search_text LIKE :text"] if query.text else []
    where = " AND ".join(wanted)
    for field in FIELDS:
        others = " AND ".join(each for each in wanted if f"l.{field} " not in each)
        connection.execute(text(f"SELECT {field}, count(*) FROM leads l WHERE {others} GROUP BY 1"), given).all()
    unmarked = " AND ".join(each for each in wanted if "f.mark_id" not in each)
    connection.execute(
        text(
            "SELECT g.mark_id, count(DISTINCT l.lead_id) FROM leads l JOIN findings g"
            " ON g.organisation_id = l.organisation_id AND g.screening_key = l.screening_key"
            f" WHERE g.stance = 'for' AND {unmarked} GROUP BY 1"
        ),
        given,
    ).all()
    page = f"SELECT * FROM leads l WHERE {where} ORDER BY score DESC, lead_id DESC LIMIT 51"
    connection.execute(text(page), given).all()
    return int(connection.execute(text(f"SELECT count(*) FROM leads l WHERE {where}"), given).scalar_one())


def _fill(settings: StoreSettings, size: int) -> None:
    """Leads of which most are on one mark and some on two, seen by one to three detectors, nine in ten of them open."""
    chance = random.Random(20_260_302)
    engine = open_engine(settings)
    cells = list(product(Cell, PLATFORMS))
    with writing(engine) as connection:
        for start in range(0, size, BATCH):
            leads, findings, screenings = [], [], []
            for number in range(start, start + BATCH):
                screening = made(number, chance, *chance.choice(cells), MARKS, "v")
                row = lead_row(screening, first_seen=AT)
                leads.append({**row, "disposition": chance.choice(["open"] * 9 + ["dismissed"])})
                findings += Entry(screening).finding_rows()
                screenings.append(screening)
            lead_traits.keep(connection, LOCAL, screenings)
            connection.execute(insert(tables.leads), leads)
            connection.execute(insert(tables.findings), findings)
        standing.rebuild(connection, LOCAL)
    engine.dispose()
