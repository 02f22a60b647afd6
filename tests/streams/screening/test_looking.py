"""Words in pictures, asked for by what was found without them: the listing is screened again and its lead says more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from detectors.catalogue import detectors
from models.errors import TransientFault
from models.leads import Lead, Outcome
from models.pictures import Level, PictureReading, PrintedWord
from models.ports import LeadQuery
from models.storage import SqlStore
from models.subjects import Listing, Seller
from streams.bus import Bus
from streams.bus.raw import Raw, raw_topic
from streams.bus.topics import LISTINGS, PICTURE_REQUESTS
from streams.screening import ContextSource, Screener, ScreeningWorker
from tests.streams.screening.workbench import Workbench, prepare

BOX = ((10, 10), (210, 10), (210, 60), (10, 60))


@dataclass
class Album:
    """Pictures whose words are known: `read_all` notes what it is asked for."""

    says: dict[str, str]
    highest: Level = "full"
    asked: list[tuple[str, Level]] = field(default_factory=list)
    faults: int = 0

    def read_all(
        self, addresses: Sequence[str], *, organisation_id: str, level: Level = "hash"
    ) -> dict[str, PictureReading]:
        self.asked += [(address, level) for address in addresses]
        if level == "full" and self.faults:
            self.faults -= 1
            raise TransientFault("the reader is away")
        return {address: self._reading(address, level) for address in addresses}

    def _reading(self, address: str, level: Level) -> PictureReading:
        said = self.says[address] if level == "full" else ""
        words = (PrintedWord(text=said, confidence=0.97, box=BOX),) if said else ()
        content = address.encode().hex().ljust(64, "0")[:64]
        return PictureReading(address=address, content_sha256=content, level=level, width=800, height=800, words=words)


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return prepare(tmp_path)


@pytest.fixture
def bus(bench: Workbench) -> Iterator[Bus]:
    opened = bench.open_bus()
    yield opened
    opened.close()


@pytest.fixture
def store(bench: Workbench) -> Iterator[SqlStore]:
    opened = bench.open_store()
    yield opened
    opened.close()


def listing(number: int, title: str) -> Listing:
    return Listing(
        listing_id=str(number),
        platform="白鹭购",
        title=title,
        nice_class=32,
        images=(f"{number}.jpg",),
        seller=Seller(name="山间杂货"),
    )


def leads(store: SqlStore) -> list[Lead]:
    """Every lead, whole."""
    found = store.leads.find("local", LeadQuery()).leads
    return [store.leads.get("local", summary.lead_id) for summary in found]


PAGES = [
    listing(1, "山间矿泉水 顶级复刻 500ml"),  # words of copies call for it
    listing(2, "山间矿泉水 500ml"),  # nothing does
]
SAYS = {"1.jpg": "白鹜泉", "2.jpg": "白鹜泉"}


def work(bench: Workbench, bus: Bus, store: SqlStore, album: Album) -> ScreeningWorker:
    contexts = ContextSource(store.registry)
    worker = ScreeningWorker(
        bus, (LISTINGS,), store, Screener(detectors()), contexts, bench.worker_settings, pictures=album
    )
    worker.run(until_idle=True)
    return worker


def test_only_what_is_called_for_is_read_and_screened_again(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    album = Album(SAYS)
    bus.publish(LISTINGS, PAGES)
    worker = work(bench, bus, store, album)
    assert [address for address, level in album.asked if level == "full"] == ["1.jpg"]
    assert worker.tally.looked == 1
    (lead,) = leads(store)
    found = [finding for finding in lead.screening.findings if finding.field == "picture"]
    assert [(one.mark_id, one.subject_value, one.params["box"]) for one in found if one.detector == "trademark"] == [
        ("m2", "白鹜泉", "10,10 210,10 210,60 10,60")
    ]
    assert store.screenings.outcomes("local") == {Outcome.LEAD: 1, Outcome.NO_MATCH: 1, Outcome.DEAD_LETTER: 0}


def test_without_the_extra_nothing_is_asked_for(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    album = Album(SAYS, highest="features")
    bus.publish(LISTINGS, PAGES)
    assert work(bench, bus, store, album).tally.looked == 0
    assert {level for _, level in album.asked} == {"hash"}


def test_a_reader_that_is_away_for_a_while_loses_nothing(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    album = Album(SAYS, faults=2)
    bus.publish(LISTINGS, PAGES)
    worker = work(bench, bus, store, album)
    assert (worker.tally.retries, worker.tally.looked) == (2, 1)
    assert store.leads.find("local", LeadQuery()).total == 1
    assert bus.backlog(LISTINGS, group="screening") == 0


def test_a_second_delivery_changes_nothing(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(LISTINGS, PAGES)
    work(bench, bus, store, Album(SAYS))
    before = leads(store)
    bus.publish(LISTINGS, PAGES)
    work(bench, bus, store, Album(SAYS))
    assert [(lead.screening.screening_key, lead.screening.assessment.score) for lead in leads(store)] == [
        (lead.screening.screening_key, lead.screening.assessment.score) for lead in before
    ]


def test_who_cannot_read_words_asks_and_who_can_answers(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(LISTINGS, PAGES)
    work(bench, bus, store, Album(SAYS, highest="features"))
    assert bus.backlog(PICTURE_REQUESTS, group="screening") == 1
    album = Album(SAYS)
    contexts = ContextSource(store.registry)
    reader = ScreeningWorker(
        bus, (LISTINGS, PICTURE_REQUESTS), store, Screener(detectors()), contexts, bench.worker_settings, pictures=album
    )
    assert reader.run(until_idle=True).looked == 1
    assert album.asked == [("1.jpg", "full")]
    (lead,) = leads(store)
    assert [one.mark_id for one in lead.screening.findings if one.field == "picture" and one.detector == "trademark"]
    assert store.screenings.outcomes("local") == {Outcome.LEAD: 1, Outcome.NO_MATCH: 1, Outcome.DEAD_LETTER: 0}


def test_a_request_for_a_state_that_is_gone_is_done_with(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(LISTINGS, PAGES)
    work(bench, bus, store, Album(SAYS, highest="features"))
    newer = listing(1, "山间矿泉水 500ml 新标题")
    bus.publish(LISTINGS, [newer])
    album = Album(SAYS)
    contexts = ContextSource(store.registry)
    ScreeningWorker(
        bus, (LISTINGS, PICTURE_REQUESTS), store, Screener(detectors()), contexts, bench.worker_settings, pictures=album
    ).run(until_idle=True)
    assert store.screenings.listing("local", newer.platform, newer.listing_id) == newer
    assert ("1.jpg", "full") not in album.asked
    assert bus.backlog(PICTURE_REQUESTS, group="screening") == 0


def test_a_request_that_is_none_is_a_dead_letter(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(raw_topic(PICTURE_REQUESTS.name), [Raw("k", b"{}")])
    contexts = ContextSource(store.registry)
    reader = ScreeningWorker(
        bus, (PICTURE_REQUESTS,), store, Screener(detectors()), contexts, bench.worker_settings, pictures=Album(SAYS)
    )
    assert reader.run(until_idle=True).dead_letters == 1
    assert store.screenings.dead_letters("local")[0].topic == PICTURE_REQUESTS.name
