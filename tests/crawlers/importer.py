"""A feed import in a process of its own, killed at a chosen point: `python -m tests.crawlers.importer ARGUMENTS`.

Arguments: folder, kill point (`none`, `before`, `between`, `after`), which batch, order (`right`, or `wrong`: the
cursor first, as a negative control). Listings go to the embedded bus in the folder.
"""

import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from crawlers import feeds
from crawlers.crawl import Sink
from models.formats import PlacedListing
from models.subjects import Listing
from streams.bus import open_bus
from streams.bus.topics import LISTINGS
from streams.settings import BusSettings

BATCH = 100


def die() -> None:
    """As a power cut would have it: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, point: str, batch: int, order: str) -> None:
    bus = open_bus(BusSettings(url=f"sqlite:///{folder / 'bus'}"))
    count = 0

    def publish(listings: Sequence[Listing]) -> None:
        nonlocal count
        count += 1
        if point == "before" and count == batch:
            die()
        bus.publish(LISTINGS, listings)
        if point == "between" and count == batch:
            die()

    if order == "wrong":
        right = feeds._FileImport._hand_on
        late: list[Sequence[PlacedListing]] = []

        def hand_on(self: feeds._FileImport, sink: Sink, placed: Sequence[PlacedListing], *more: object) -> int:
            """Keeps the batch back until the cursor of the one before is saved: cursor first, effect second."""
            if late:
                right(self, sink, late.pop(), *more)  # type: ignore[arg-type]
            late.append(placed)
            return len(placed)

        feeds._FileImport._hand_on = hand_on  # type: ignore[method-assign,assignment]

    def progress(state: feeds.FeedProgress) -> None:
        if point == "after" and count == batch:
            die()

    feeds.import_feed(
        [folder / "feed.jsonl"], publish, cursors=folder / "cursors", batch=BATCH, progress=progress,
        intake_at=datetime.now(UTC),
    )  # fmt: skip
    bus.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
