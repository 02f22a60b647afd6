"""Wiring: the one place that builds store, objects, bus, picture source, screener and worker from settings.

Owns what is built once in a process and given back at its end. Decides nothing: every part has its own package.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Self

from detectors.catalogue import detectors
from detectors.price.forest import PriceForest
from detectors.triage import Rules
from jianzhen.record_files import load_wording
from jianzhen.rules_files import load_rules
from jianzhen.settings import Settings
from jianzhen.status import Status
from jianzhen.watching import Looking, Progress, context_probe, loop_probe, outbox_probe
from models.errors import ConfigurationError, NotFoundError
from models.health import Probe, looked
from models.ports import ObjectStore, Store
from models.scoring_ports import PicturePort
from models.storage import migrate, open_objects, open_store
from models.storage.engine import database_file
from streams.bus import Bus, create_topics, open_bus, open_publisher
from streams.bus.topics import PICTURE_REQUESTS, SUBJECTS
from streams.bus.traced import TracedBus
from streams.fetch import SafeFetcher
from streams.measures import Measures
from streams.pictures import PictureReader, PictureSource
from streams.relay import Relay
from streams.screening import (
    ContextSource,
    IndexFiles,
    RefreshedContexts,
    Screener,
    ScreeningService,
    ScreeningWorker,
)
from streams.screening.market import read_model
from streams.screening.points import PointedContexts
from streams.screening.records import PublishedSnapshots
from streams.screening.rescreening import Rescreener

NOTHING = "0" * 64


class Engine:
    """The parts of one process, each built when it is first asked for and closed with the engine."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back connections, files and processes."""
        self._opened.close()

    @cached_property
    def store(self) -> Store:
        """Raises `ConfigurationError` when its file was never made: a database that is away is another thing."""
        file = database_file(self.settings.store)
        if file is not None and not file.exists():
            raise ConfigurationError(
                "还没有数据库 / there is no database yet",
                where=str(file),
                mend="先运行 jianzhen prepare / run it first",
            )
        store = open_store(self.settings.store)
        self._opened.callback(store.close)
        return store

    @cached_property
    def objects(self) -> ObjectStore:
        return open_objects(self.settings.objects)

    @cached_property
    def bus(self) -> Bus:
        bus = TracedBus(open_bus(self.settings.bus))
        self._opened.callback(bus.close)
        return bus

    @cached_property
    def measures(self) -> Measures:
        """What this process counts and times."""
        return Measures()

    @cached_property
    def progress(self) -> Progress:
        """How far the screening group is."""
        settings, group = self.settings.health, self.settings.worker.group
        return Progress(
            lambda: self.bus,
            SUBJECTS,
            group,
            self.measures,
            every_s=settings.every_s,
            stall_after_s=settings.stall_after_s,
        )

    def probes(self, *, worker: bool) -> tuple[Probe, ...]:
        """What a process looks at before it says that it can do its work. The API can do without the bus; a worker
        cannot, and is ready only while every partition of its group moves."""
        common = (
            looked("store", self.store.ping),
            looked("objects", self.check_objects),
            partial(self.progress.bus_check, needed=worker),
            context_probe(self.contexts.in_use, self.measures),
            outbox_probe(self.store.outbox, self.measures),
        )
        return (*common, self.progress.stalled_check) if worker else common

    @contextmanager
    def watched(self, *, worker: bool) -> Iterator[Status]:
        """Serve the status page meanwhile, and look at progress, where the settings ask for it. A worker is alive while
        its loop comes round."""
        settings = self.settings.health
        alive = (loop_probe(self.measures, self.settings.bus.handling_limit_s),) if worker else ()
        with Status(settings, self.measures, alive=alive, ready=self.probes(worker=worker)) as status:
            if settings.port:
                with Looking((self.progress.look,), settings.every_s):
                    yield status
            else:
                yield status

    @cached_property
    def publisher(self) -> Bus:
        """The bus as those who bring subjects use it."""
        return TracedBus(self.producing)

    @cached_property
    def producing(self) -> Bus:
        """What carries that: while Kafka is away, a `SpoolingBus` goes on and its file keeps the messages."""
        bus = open_publisher(self.settings.bus)
        self._opened.callback(bus.close)
        return bus

    @cached_property
    def contexts(self) -> ContextSource:
        folder = self.settings.worker.index_folder
        return PointedContexts(
            self.store.registry,
            triage=self.store.triage,
            index_files=IndexFiles(Path(folder)) if folder else None,
            market=PublishedSnapshots(
                self.store.market, self._price_model(), load_wording(self.settings.wording.rules)
            ),
        )

    @cached_property
    def rules(self) -> Rules:
        """The rules of triage in use: the shipped ones, with a user's own laid over them."""
        return load_rules(self.settings.triage.rules)

    @cached_property
    def screener(self) -> Screener:
        return Screener(detectors(), self.rules)

    @cached_property
    def screening(self) -> ScreeningService:
        """What the review API may ask of scoring."""
        return ScreeningService(
            self.store,
            self.screener,
            self.contexts,
            pictures=self.picture_source(),
            read=lambda data: self._reader.read("", data, "features"),
        )

    @property
    def decoder(self) -> PicturePort:
        """Reads what people upload, in the same limited process as everything else."""
        return self._reader

    def picture_source(self, base: Path | None = None) -> PictureSource:
        """Readings of web addresses and, with `base`, of files in that folder; kept in the store, bytes in objects."""
        return PictureSource(
            self._reader,
            self._fetcher,
            base=base,
            store=self.store.screenings,
            objects=self.objects,
            settings=self.settings.pictures,
        )

    def worker(self, member: str = "", *, pictures_from: Path | None = None) -> ScreeningWorker:
        """A member of the screening group. `pictures_from` is the folder of listings whose pictures are files."""
        settings = self.settings.worker.model_copy(update={"member": member} if member else {})
        contexts = RefreshedContexts(self.contexts)
        self._opened.callback(contexts.close)
        pictures = self.picture_source(pictures_from)
        topics = (*SUBJECTS, PICTURE_REQUESTS) if pictures.highest == "full" else SUBJECTS
        return ScreeningWorker(
            self.bus,
            topics,
            self.store,
            self.screener,
            contexts,
            settings,
            pictures=pictures,
            measures=self.measures,
        )

    def rescreener(self) -> Rescreener:
        """Screens stored subjects again."""
        return Rescreener(self.store, self.screener, self.contexts, bus=self.bus)

    def relay(self) -> Relay:
        """Publishes what waits in the outbox."""
        return Relay(self.store.outbox, self.bus, self.settings.relay)

    def migrate(self) -> None:
        """Bring the store to this version's tables. Raises `ConfigurationError` when its folder cannot be made."""
        try:
            migrate(self.settings.store)
        except OSError as error:
            raise ConfigurationError(
                f"数据文件夹无法建立: {error.strerror} / the data folder cannot be made: {error.strerror}",
                where=str(database_file(self.settings.store)),
                mend="设置 data_dir 或 store.url / set one of these",
            ) from None

    def create_topics(self) -> tuple[str, ...]:
        """Create the topics that are missing; returns their names."""
        return create_topics(self.settings.bus)

    def check_objects(self) -> None:
        """Ask the object store for something it does not have. Raises `TransientFault` when it does not answer."""
        try:
            self.objects.has(NOTHING)
        except NotFoundError:
            return

    def _price_model(self) -> PriceForest | None:
        file = self.settings.worker.price_model
        return read_model(Path(file)) if file else None

    @cached_property
    def _reader(self) -> PictureReader:
        return self._opened.enter_context(PictureReader(self.settings.pictures))

    @cached_property
    def _fetcher(self) -> SafeFetcher:
        return self._opened.enter_context(SafeFetcher(self.settings.fetch))
