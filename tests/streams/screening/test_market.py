"""The market: built from stored listings, published by version, seen by contexts, histories handed in."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from detectors.price import PriceDetector
from detectors.price.forest import PriceForest
from detectors.price.forest_training import train
from detectors.price.peers import PeerPrices
from models.errors import InputError
from models.identity import LOCAL
from models.registry import Registry
from models.storage import SqlStore
from models.subjects import Listing, Seller
from streams.screening import ContextSource, Screener, ScreeningWorker
from streams.screening.market import (
    MarketSnapshots,
    build_peers,
    from_bytes,
    named,
    publish_peers,
    read_model,
    to_bytes,
)
from tests.streams.screening.workbench import NOON, REGISTRY, WordDetector, Workbench, prepare


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return prepare(tmp_path)


@pytest.fixture
def store(bench: Workbench):  # type: ignore[no-untyped-def]
    opened = bench.open_store()
    yield opened
    opened.close()


def offered(number: int, price: object, *, days: float = 0) -> Listing:
    return Listing(
        listing_id=f"L{number}",
        platform="白鹭购",
        title="晴川 汽水 500ml",
        price=Decimal(str(price)),
        currency="CNY",
        seller=Seller(name=f"店{number}"),
        captured_at=NOON + timedelta(days=days),
    )


def screened(store: SqlStore, listings: list[Listing], days: float = 0) -> None:
    context = ContextSource(store.registry, clock=lambda: NOON).current(LOCAL)
    screener = Screener([PriceDetector()])
    from models.findings import Observation

    observations = [Observation(each) for each in listings]
    store.screenings.record(screener.screen(observations, context, at=NOON + timedelta(days=days)))


def test_published_peers_are_those_of_the_stored_listings_and_make_a_new_context(store: SqlStore) -> None:
    crowd = [offered(number, 5 + number % 3 / 10) for number in range(70)]
    screened(store, crowd)
    source = ContextSource(store.registry, market=MarketSnapshots(store.market), clock=lambda: NOON)
    before = source.current(LOCAL)
    assert "peers" not in before.snapshots
    published = publish_peers(store, LOCAL, at=NOON + timedelta(hours=1))
    after = source.current(LOCAL)
    assert after.version != before.version
    assert after.snapshot("peers", PeerPrices).version == published.version
    assert published.version == build_peers(REGISTRY, crowd[::-1]).version
    assert source.current(LOCAL) is after
    publish_peers(store, LOCAL, at=NOON + timedelta(hours=2))  # of the same listings: the same version
    assert source.current(LOCAL).version == after.version
    assert "peers" not in source.current("harbour").snapshots


def test_redelivery_changes_no_peers_and_a_new_price_replaces_the_old(store: SqlStore) -> None:
    crowd = [offered(number, 5) for number in range(5)]
    screened(store, crowd)
    screened(store, crowd, days=1)
    first = publish_peers(store, LOCAL, at=NOON + timedelta(days=1))
    assert first.version == build_peers(REGISTRY, crowd).version
    screened(store, [offered(0, 9)], days=2)
    second = publish_peers(store, LOCAL, at=NOON + timedelta(days=2))
    assert second.version == build_peers(REGISTRY, [offered(0, 9), *crowd[1:]]).version


def test_listings_not_seen_for_long_are_no_peers(store: SqlStore) -> None:
    screened(store, [offered(number, 5) for number in range(5)])
    assert publish_peers(store, LOCAL, at=NOON + timedelta(days=91)).sizes == (0, 0)


def test_a_worker_keeps_prices_of_what_bears_a_mark_and_hands_them_in_later(bench: Workbench, store: SqlStore) -> None:
    bus = bench.open_bus()
    worker = ScreeningWorker(
        bus,
        [bench.topic],
        store,
        Screener([WordDetector(), PriceDetector()]),
        ContextSource(store.registry, clock=lambda: NOON),
        bench.worker_settings,
        clock=lambda: NOON,
    )
    plain = offered(2, 5).model_copy(update={"title": "汽水 500ml"})
    for day, price in enumerate((10, 10, 10, 3)):
        for _ in range(2):  # delivered twice
            bus.publish(bench.topic, [offered(1, price, days=day), plain])
            worker.run(until_idle=True)
    bus.close()
    subject = offered(1, 3, days=3)
    points = store.market.earlier_prices([subject])[subject.key.token]
    assert [point.price for point in points] == [10, 10, 10]
    assert store.market.earlier_prices([plain.model_copy(update={"captured_at": NOON + timedelta(days=9)})]) == {}
    lead = store.leads.get(LOCAL, subject.key.token)
    assert "price-dropped" in {finding.fact for finding in lead.screening.findings}
    assert lead.revision == 3  # four sightings; none for redelivery


def test_bytes_hold_arrays_and_nothing_else() -> None:
    arrays = dict(build_peers(REGISTRY, [offered(1, 5), offered(2, 6)]).arrays())
    body = to_bytes(arrays)
    assert to_bytes(arrays) == body
    assert PeerPrices.from_arrays(from_bytes(body, where="here")).version == PeerPrices.from_arrays(arrays).version
    for broken in (b"", b"PK\x03\x04", body[:-20], body[: len(body) // 2]):
        with pytest.raises(InputError, match="here"):
            from_bytes(broken, where="here")


def test_a_model_file_is_read_and_a_pickle_is_refused(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(300, 5))
    forest = train(rows)
    file = tmp_path / "model.npz"
    file.write_bytes(to_bytes(forest.arrays()))
    assert read_model(file).version == forest.version
    assert set(named(PeerPrices.empty(), forest)) == {"peers", "price-model"}
    strange = tmp_path / "pickle.npz"
    with strange.open("wb") as target:
        np.savez(target, feature=np.array([{"a": 1}], dtype=object))
    for wrong in (strange, tmp_path / "absent.npz", tmp_path):
        with pytest.raises(InputError):
            read_model(wrong)


def test_an_empty_registry_has_no_peers() -> None:
    assert build_peers(Registry(), [offered(1, 5)]).sizes == (0, 0)
    assert isinstance(PriceForest, type)
