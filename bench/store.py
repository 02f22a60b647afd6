"""How fast the ledger takes screenings on SQLite, beside the bare inserts that it cannot be faster than.

Both write the same three rows a screening to a file in WAL mode with synchronous=FULL, `BATCH` to
a transaction. What the store adds is what it promises: newest state, leads, one effect however often.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter

from models.findings import Evidence, Finding, Stance, signed
from models.identity import screening_key
from models.leads import Assessment, Cell, Contribution, Screening
from models.storage import StoreSettings, migrate, open_store
from models.subjects import Listing, Seller

BATCH = 256
ROUNDS, SUBJECTS = 5, 5_120  # of every kind in turn, so that a busy moment strikes all alike
MIXED = 20  # every so many-th screening yields a lead: 5 %
AT = datetime(2026, 3, 2, tzinfo=UTC)

BARE = """
CREATE TABLE observations (id TEXT PRIMARY KEY, body TEXT);
CREATE TABLE screenings (id TEXT PRIMARY KEY, body TEXT);
CREATE TABLE subjects (id TEXT PRIMARY KEY, body TEXT);
"""


def run() -> dict[str, float]:
    """Screenings a second, and how they compare."""
    with tempfile.TemporaryDirectory() as folder:
        settings = StoreSettings(url=f"sqlite:///{folder}/store.sqlite")
        migrate(settings)
        store = open_store(settings)
        bare = _bare(Path(folder) / "bare.sqlite")
        took = dict.fromkeys(("silent", "mixed", "again", "bare"), 0.0)
        for number in range(ROUNDS):
            silent = [_screening(f"s{number}-{place}") for place in range(SUBJECTS)]
            mixed = [_screening(f"m{number}-{place}", flagged=place % MIXED == 0) for place in range(SUBJECTS)]
            for name, screenings in (("silent", silent), ("mixed", mixed), ("again", silent)):
                start = perf_counter()
                for batch in _batches(screenings):
                    store.screenings.record(batch)
                took[name] += perf_counter() - start
            rows = [(each.screening_key, each.subject.model_dump_json(exclude_defaults=True)) for each in silent]
            start = perf_counter()
            _write_bare(bare, rows)
            took["bare"] += perf_counter() - start
        store.close()
        bare.close()
    rates = {name: ROUNDS * SUBJECTS / seconds for name, seconds in took.items()}
    return {
        "screenings/s without findings": rates["silent"],
        "screenings/s, 5 % of them leads": rates["mixed"],
        "redelivered screenings/s, absorbed": rates["again"],
        "bare inserts: the same rows a second": rates["bare"],
        "share of the bare rate, without findings": rates["silent"] / rates["bare"],
    }


def _bare(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(BARE)
    return connection


def _write_bare(connection: sqlite3.Connection, rows: list[tuple[str, str]]) -> None:
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR IGNORE INTO observations VALUES (?, ?)", batch)
        narrow = [(name, "x" * 250) for name, _ in batch]
        connection.executemany("INSERT OR IGNORE INTO screenings VALUES (?, ?)", narrow)
        connection.executemany("INSERT OR IGNORE INTO subjects VALUES (?, ?)", narrow)
        connection.execute("COMMIT")


def _batches(screenings: list[Screening]) -> Iterator[list[Screening]]:
    for start in range(0, len(screenings), BATCH):
        yield screenings[start : start + BATCH]


def _screening(name: str, *, flagged: bool = False) -> Screening:
    subject = Listing(
        listing_id=name,
        platform="taobao",
        title=f"晴川 护手霜 补水保湿 秋冬滋润 50g {name}",
        price=Decimal("12.50"),
        currency="CNY",
        url=f"https://shop.example/item/{name}",
        description="质地轻盈，易于吸收。" * 20,
        seller=Seller(id="s-1", name="白鹭泉小店"),
        images=(f"https://shop.example/{name}.jpg",),
        captured_at=AT,
    )
    findings = (_finding(subject),) if flagged else ()
    return Screening(
        screening_key=screening_key(subject.observation_id, "rules", "context"),
        observation_id=subject.observation_id,
        subject=subject,
        registry_version="v" * 32,
        rules_version="r" * 32,
        context_version="c" * 32,
        assessment=_assessment(findings),
        findings=findings,
        screened_at=AT,
    )


def _finding(subject: Listing) -> Finding:
    evidence = Evidence(fact="similar-shape", stance=Stance.FOR, score=0.9, field="title", mark_id="m-1", span=(0, 2))
    return signed(evidence, subject, detector="trademark", version="1")


def _assessment(findings: tuple[Finding, ...]) -> Assessment:
    if not findings:
        return Assessment(flagged=False, score=0.0)
    points = tuple(Contribution(finding_id=f.finding_id, fact=f.fact, weight=5, points=5 * f.score) for f in findings)
    return Assessment(
        flagged=True,
        score=sum(each.points for each in points),
        cell=Cell.SIMILAR_SAME,
        mark_id="m-1",
        contributions=points,
    )
