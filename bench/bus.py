"""The embedded log: messages appended and messages taken and acknowledged a second. `python -m bench bus`

The baseline is SQLite itself: the same bodies into one table, write-ahead log, synchronous FULL, 500 rows at once,
and read back 500 at a time. Arms are taken in turn on fresh files and fresh bodies; the median of the rounds counts.
"""

import os
import sqlite3
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from streams.bus import Topic
from streams.bus.embedded import EmbeddedBus
from streams.settings import BusSettings

ROUNDS = 5
MESSAGES = 50_000
BODY = 1000
BATCH = 500

Message = tuple[str, bytes]
TOPIC: Topic[Message] = Topic(
    name="bench", encode=lambda pair: pair[1], decode=lambda body: ("", body), key=lambda pair: pair[0]
)


def run() -> dict[str, float]:
    """Messages a second, and the log's share of what raw SQLite does."""
    arms = {"log": _log, "sqlite": _sqlite}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in arms}
    for _ in range(ROUNDS):
        messages = [(f"key-{number % 997}", os.urandom(BODY)) for number in range(MESSAGES)]
        for name, arm in arms.items():
            with tempfile.TemporaryDirectory() as folder:
                taken[name].append(arm(Path(folder), messages))
    rates = {
        (name, step): MESSAGES / statistics.median(times[place] for times in taken[name])
        for name in arms
        for place, step in enumerate(("append", "take"))
    }
    return {
        f"messages of {BODY} B appended to the embedded log/s": rates["log", "append"],
        f"rows of {BODY} B inserted by raw SQLite/s (WAL, FULL, {BATCH} a transaction)": rates["sqlite", "append"],
        "times raw SQLite, appending": rates["log", "append"] / rates["sqlite", "append"],
        f"messages polled and acknowledged/s, {BATCH} at a time": rates["log", "take"],
        f"rows read by raw SQLite/s, {BATCH} at a time, nothing acknowledged": rates["sqlite", "take"],
        "times raw SQLite, taking": rates["log", "take"] / rates["sqlite", "take"],
    }


def _log(folder: Path, messages: list[Message]) -> tuple[float, float]:
    bus = EmbeddedBus(folder / "bus.sqlite", BusSettings())
    bus.ensure([TOPIC])
    started = perf_counter()
    bus.publish(TOPIC, messages)
    appended = perf_counter() - started
    with bus.subscribe(TOPIC, group="bench", member="one") as member:
        started, got = perf_counter(), 0
        while got < len(messages):
            batch = member.poll(limit=BATCH, timeout_s=1)
            member.ack(batch)
            got += len(batch)
        taken = perf_counter() - started
    bus.close()
    return appended, taken


def _sqlite(folder: Path, messages: list[Message]) -> tuple[float, float]:
    connection = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, key TEXT NOT NULL, body BLOB NOT NULL)")
    started = perf_counter()
    for first in range(0, len(messages), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO rows (key, body) VALUES (?, ?)", messages[first : first + BATCH])
        connection.execute("COMMIT")
    appended = perf_counter() - started
    started = perf_counter()
    for first in range(0, len(messages), BATCH):
        connection.execute("SELECT * FROM rows WHERE id > ? ORDER BY id LIMIT ?", (first, BATCH)).fetchall()
    taken = perf_counter() - started
    connection.close()
    return appended, taken
