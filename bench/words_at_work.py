"""A worker that reads words: listings a second, cold, when 3 % of their pictures are called for.
`python -m bench.words_at_work`

Every listing has one picture of 800 x 800 of its own, so nothing is known before; of three in a hundred the title has a
word of copies, which asks for the words in their picture. The bus and the store are the embedded ones. The share of
each step is measured in the same run (reading hashes, reading words, everything else), and the processor time of all
processes, which says what two cores without other work would do. The same listings without any
that call for words are the baseline. Where the extra `ocr` is missing, it says so.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from detectors.catalogue import detectors
from models.moments import now
from models.pictures import Level, PictureReading
from models.registry import Mark, Registry
from models.storage import StoreSettings, migrate, open_store
from models.subjects import Listing, Seller
from streams.bus import open_bus
from streams.bus.topics import LISTINGS
from streams.fetch import FetchSettings, SafeFetcher
from streams.pictures import PictureReader, PictureSettings, PictureSource
from streams.pictures.words import installed
from streams.screening import ContextSource, Screener, ScreeningWorker
from streams.settings import BusSettings, WorkerSettings

LISTINGS_EACH = 600
CALLED_EVERY = 33
SIDE = 800


class Timed:
    """Pictures with a clock beside them, by level."""

    def __init__(self, source: PictureSource) -> None:
        self._source = source
        self.taken: dict[Level, float] = {"hash": 0.0, "full": 0.0}
        self.read: dict[Level, int] = {"hash": 0, "full": 0}

    @property
    def highest(self) -> Level:
        return self._source.highest

    def read_all(
        self, addresses: Sequence[str], *, organisation_id: str, level: Level = "hash"
    ) -> dict[str, PictureReading]:
        started = perf_counter()
        found = self._source.read_all(addresses, organisation_id=organisation_id, level=level)
        self.taken[level] += perf_counter() - started
        self.read[level] += len(addresses)
        return found


def run() -> dict[str, float]:
    """The figures, by name."""
    if not installed():
        print("the extra ocr is not installed: no words are read")
    figures: dict[str, float] = {}
    arms = (("to warm up", CALLED_EVERY, 40), ("3 % called for their words", CALLED_EVERY, LISTINGS_EACH))
    for name, every, count in (*arms, ("none called", 0, LISTINGS_EACH)):
        folder = Path(tempfile.mkdtemp())
        try:
            found = _one(folder, every, count)
        finally:
            shutil.rmtree(folder)
        if count == LISTINGS_EACH:
            figures |= {f"{figure}, {name}": value for figure, value in found.items()}
    return figures


def _one(folder: Path, every: int, count: int) -> dict[str, float]:
    listings = [_listing(folder, number, called=bool(every) and number % every == 0) for number in range(count)]
    store_settings = StoreSettings(url=f"sqlite:///{folder}/store.sqlite")
    migrate(store_settings)
    store = open_store(store_settings)
    marks = tuple(Mark(mark_id=f"m{n}", text=text, nice_classes=(32,)) for n, text in enumerate(("晴川", "白鹭泉")))
    store.registry.commit("local", Registry(marks=marks), at=now())
    bus = open_bus(BusSettings(url=f"sqlite:///{folder}/bus.sqlite"))
    bus.publish(LISTINGS, listings)
    settings = PictureSettings(children=2, word_children=2)
    with SafeFetcher(FetchSettings()) as fetcher, PictureReader(settings) as reader:
        source = PictureSource(reader, fetcher, base=folder, settings=settings)
        with ThreadPoolExecutor(2) as threads:  # both processes of either kind, with their models
            for level in ("hash", "full"):
                list(threads.map(partial(source.read, level=level), [each.images[0] for each in listings[:2]]))
        pictures = Timed(source)
        worker = ScreeningWorker(
            bus,
            (LISTINGS,),
            store,
            Screener(detectors()),
            ContextSource(store.registry),
            WorkerSettings(poll_timeout_s=0.1, index_folder=f"{folder}/indexes"),
            pictures=pictures,
        )
        before = _processor_time()
        started = perf_counter()
        tally = worker.run(until_idle=True)
        taken = perf_counter() - started
        spent = _processor_time() - before
    bus.close()
    store.close()
    assert tally.screened == count
    return {
        "listings/s": count / taken,
        "ms of processor time a listing, all processes": 1000 * spent / count,
        "screened again with words": float(tally.looked),
        "share of the time: hashes": pictures.taken["hash"] / taken,
        "share of the time: words": pictures.taken["full"] / taken,
    }


def _processor_time() -> float:
    """Seconds that this process and its living children have spent so far (Linux)."""
    own = str(os.getpid())
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = stat.read_text("ascii", "replace").rpartition(")")
            fields = rest.split()
            if fields[1] == own or name.split(" ", 1)[0] == own:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _listing(folder: Path, number: int, *, called: bool) -> Listing:
    chance = np.random.default_rng(number)
    coarse = Image.fromarray(chance.integers(0, 256, (40, 40, 3), dtype=np.uint8)).resize(
        (SIDE, SIDE), Image.Resampling.BICUBIC
    )
    ImageDraw.Draw(coarse).text((120, 300), "KESTRELLO", font=ImageFont.load_default(64), fill="white")
    coarse.save(folder / f"{number}.jpg", "JPEG", quality=85)
    return Listing(
        listing_id=str(number),
        platform="集市",
        title=f"山间矿泉水 第{number}号{' 顶级复刻' if called else ''}",
        seller=Seller(name="山间杂货"),
        images=(f"{number}.jpg",),
    )


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{value:12.2f}  {figure}")
