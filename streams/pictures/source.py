"""Where pictures come from: an address in a listing or in the registry becomes a reading, each picture read once.

Owns what an address means (a web address, or a path inside one folder and nowhere else), and what need not be fetched
or decoded again. Fetching is `streams.fetch`; decoding is `streams.pictures.reader`. Nothing here fails a batch: what
goes wrong with one picture is told in its reading.
"""

import hashlib
import re
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.errors import FetchError, PictureRejected
from models.identity import LOCAL
from models.pictures import Level, PictureReading, lower
from models.ports import ObjectStore, ScreeningStore
from streams.fetch import SafeFetcher
from streams.fetch.addresses import shortened
from streams.pictures.failures import sentence
from streams.pictures.reader import READER_VERSION, PictureReader
from streams.pictures.settings import PictureSettings

SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:")
AT_ONCE = 64
CONTENT = "sha256:"
"""Readings are also kept under `sha256:` and the content hash: the same bytes elsewhere are not decoded again."""


class PictureSource:
    """Resolves and reads addresses. `base` is the folder that relative paths belong to; without it they are refused.
    With a store, readings are kept and reused by address (web addresses) and by content; with an object store, the
    bytes of every picture that could be read are kept by their SHA-256."""

    def __init__(
        self,
        reader: PictureReader,
        fetcher: SafeFetcher,
        *,
        base: Path | None = None,
        store: ScreeningStore | None = None,
        objects: ObjectStore | None = None,
        settings: PictureSettings | None = None,
    ) -> None:
        self._reader = reader
        self._fetcher = fetcher
        self._base = base.resolve() if base else None
        self._store = store
        self._objects = objects
        self._settings = settings or PictureSettings()

    @property
    def highest(self) -> Level:
        """The highest level that is read here: without the extra `ocr` no words and codes."""
        return self._reader.highest

    def read(self, address: str, *, organisation_id: str = LOCAL, level: Level = "hash") -> PictureReading:
        """One address; see `read_all`."""
        return self.read_all([address], organisation_id=organisation_id, level=level)[address]

    def read_all(
        self, addresses: Sequence[str], *, organisation_id: str = LOCAL, level: Level = "hash"
    ) -> dict[str, PictureReading]:
        """A reading of at least that level for every address, in the given order, each address once. A picture that
        cannot be fetched has no content hash, is asked for again the next time, and blocks nothing. Raises
        `TransientFault` alone: when the store or the decoding process is away."""
        level = lower(level, self._reader.highest)
        wanted = list(dict.fromkeys(addresses))
        known = self._known(organisation_id, [address for address in wanted if is_web_address(address)], level)
        missing = [address for address in wanted if address not in known]
        for first in range(0, len(missing), AT_ONCE):
            known |= self._read_some(missing[first : first + AT_ONCE], organisation_id, level)
        return {address: known[address] for address in wanted}

    def _read_some(self, addresses: Sequence[str], organisation_id: str, level: Level) -> dict[str, PictureReading]:
        """Fetch and read addresses that no reading is known of, few enough to hold all their bytes; keep the result."""
        with ThreadPoolExecutor(max_workers=self._settings.fetch_threads) as threads:
            fetched = dict(zip(addresses, threads.map(self._bytes, addresses), strict=True))
            bodies = {_content(data): data for data in fetched.values() if isinstance(data, bytes)}
            seen = self._known(organisation_id, list(bodies), level)
            unseen = [content for content in bodies if content not in seen]
            read = threads.map(lambda content: self._reader.read(content, bodies[content], level), unseen)
            fresh = dict(zip(unseen, read, strict=True))
        for content, reading in fresh.items():
            self._keep(bodies[content], reading)
        seen |= fresh
        readings = {
            address: seen[_content(data)].model_copy(update={"address": address}) if isinstance(data, bytes) else data
            for address, data in fetched.items()
        }
        if self._store:
            self._store.save_readings(organisation_id, [*fresh.values(), *readings.values()])
        return readings

    def _known(self, organisation_id: str, addresses: Sequence[str], level: Level) -> dict[str, PictureReading]:
        """Kept readings by this version of the reader that serve the level. One without a content hash was never
        fetched: ask again. A picture that could not be read to any level is not tried at another."""
        if not self._store or not addresses:
            return {}
        kept = self._store.readings(organisation_id, addresses)
        return {
            address: reading
            for address, reading in kept.items()
            if reading.reader_version == READER_VERSION
            and reading.content_sha256
            and (reading.serves(level) or reading.failure)
        }

    def _bytes(self, address: str) -> bytes | PictureReading:
        """The picture's bytes, or the reading that says why there are none."""
        try:
            if is_web_address(address):
                return self._fetcher.get(f"https:{address}" if address.startswith("//") else address).body
            return self._file(address)
        except PictureRejected as fault:
            failure = fault.what
        except FetchError as fault:
            failure = sentence("not-fetched", reason=fault.what)
        except OSError as fault:
            failure = sentence("not-fetched", reason=fault.strerror or type(fault).__name__)
        return PictureReading(address=address, reader_version=READER_VERSION, failure=failure)

    def _file(self, address: str) -> bytes:
        """The bytes of a file inside the folder, links resolved. Raises `PictureRejected` and `OSError`."""
        if SCHEME.match(address):
            raise PictureRejected(sentence("not-fetched", reason=f"{shortened(address, 12)!r}: http, https"))
        if self._base is None:
            raise PictureRejected(sentence("no-folder"))
        try:
            path = (self._base / address).resolve()
            if not path.is_relative_to(self._base):
                raise PictureRejected(sentence("outside"))
            state = path.stat()
        except (FileNotFoundError, NotADirectoryError, ValueError, RuntimeError):
            raise PictureRejected(sentence("no-file")) from None
        if not stat.S_ISREG(state.st_mode):
            raise PictureRejected(sentence("not-a-file"))
        limit = self._settings.max_bytes
        with path.open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise PictureRejected(sentence("file-too-large", limit=limit))
        return data

    def _keep(self, data: bytes, reading: PictureReading) -> None:
        if self._objects and not reading.failure:
            self._objects.put(data)


def _content(data: bytes) -> str:
    return CONTENT + hashlib.sha256(data).hexdigest()


def is_web_address(address: str) -> bool:
    """Whether an address is fetched over the network: http, https, or without a scheme (`//host/…`, then https)."""
    return address.startswith("//") or address[:8].lower().startswith(("http:", "https:"))
