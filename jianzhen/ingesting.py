"""Files onto the bus: rows are published in batches; a row that was published is safe.

Owns parcels; files of listings are `crawlers.feeds`'s. Publishing a row twice changes nothing further on.
"""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from models.formats import Rejects, read_parcels
from models.moments import now
from streams.bus import Bus
from streams.bus.topics import PARCELS

BATCH = 500


def publish_parcels(
    bus: Bus, path: Path, rejects: Rejects, *, organisation_id: str, progress: Callable[[int], object] = int
) -> int:
    """Publish every good row; returns how many. Raises `FileRejected` when the file cannot be read at all."""
    records = read_parcels(path, rejects, organisation_id=organisation_id, intake_at=now(), source=path.name)
    count = 0
    while batch := list(islice(records, BATCH)):
        count += bus.publish(PARCELS, batch)
        progress(len(batch))
    return count
