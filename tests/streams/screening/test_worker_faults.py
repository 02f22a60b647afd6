"""The worker when the disk is full or the store stays locked: it waits, stores everything afterwards, and once."""

import resource
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from models.leads import Outcome
from models.storage import StoreSettings, open_store
from streams.bus.topics import LISTINGS
from streams.screening import ContextSource, Screener, ScreeningWorker
from tests.streams.screening.workbench import WordDetector, listings, prepare


@contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """No file of this process grows past the store's present size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Somebody else's writing transaction that does not end."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


@pytest.mark.parametrize("trouble", [full_disk, locked])
def test_trouble_that_passes_loses_and_doubles_nothing(
    tmp_path: Path, trouble: Callable[[Path], AbstractContextManager[None]]
) -> None:
    bench = prepare(tmp_path)
    bus = bench.open_bus()
    store = open_store(StoreSettings(url=bench.store_settings.url, busy_timeout_s=0.2))
    bus.publish(LISTINGS, listings(1000))
    contexts = ContextSource(store.registry)
    worker = ScreeningWorker(bus, (LISTINGS,), store, Screener((WordDetector(),)), contexts, bench.worker_settings)
    with trouble(tmp_path / "store.sqlite"):
        running = threading.Thread(target=worker.run, kwargs={"until_idle": True})
        running.start()
        while running.is_alive() and worker.tally.retries < 3:
            time.sleep(0.01)
        assert running.is_alive()
    running.join(60)
    assert not running.is_alive()
    assert store.screenings.outcomes("local") == {Outcome.LEAD: 50, Outcome.NO_MATCH: 950, Outcome.DEAD_LETTER: 0}
    assert bus.backlog(LISTINGS, group="screening") == 0
    store.close()
    bus.close()
