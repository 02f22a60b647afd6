"""Public records at hand: what registers and published penalties say of one firm, read again when they were published
anew."""

import threading

from models.errors import NotFoundError
from models.market import MarketStore
from models.public_records import RECORDS, PublicRecords, records_from_bytes

MOST_KEPT = 4


class Publicity:
    """A small cache of the newest records by organisation."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, PublicRecords]] = {}
        self._lock = threading.Lock()

    def of(self, store: MarketStore, organisation_id: str) -> PublicRecords:
        """The newest published records; empty without any."""
        version = store.published_version(organisation_id, RECORDS)
        with self._lock:
            known_version, known = self._kept.get(organisation_id, ("", PublicRecords()))
        if known_version == version:
            return known
        try:
            records = records_from_bytes(store.published(organisation_id, RECORDS, version).body)
        except NotFoundError:
            return PublicRecords()
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[organisation_id] = (version, records)
        return records
