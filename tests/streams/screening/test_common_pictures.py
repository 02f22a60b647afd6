"""Common pictures: learned from the stored listings, published by version, seen by contexts."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from detectors.pictures.common import COMMON, CommonPictures
from detectors.price import PriceDetector
from models.errors import InputError
from models.findings import Observation
from models.identity import LOCAL
from models.storage import SqlStore
from models.subjects import Listing, Seller
from streams.screening import ContextSource, Screener
from streams.screening.common_pictures import load_common, publish_common
from streams.screening.records import PublishedSnapshots
from tests.detectors.pictures.test_common import stolen, template
from tests.streams.screening.workbench import NOON, prepare


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = prepare(tmp_path).open_store()
    yield opened
    opened.close()


def shown(store: SqlStore) -> None:
    """The template and the stolen picture, each on the pages of many shops."""
    listings = []
    for kind, uses in (("t", template()), ("s", stolen())):
        for number, use in enumerate(uses):
            address = f"https://img.example.cn/{kind}{number}.jpg"
            store.screenings.save_readings(LOCAL, [use.reading.model_copy(update={"address": address})])
            listing = {"listing_id": f"{kind}{number}", "platform": "白鹭购", "title": use.title, "images": (address,)}
            listings.append(Listing(**listing, seller=Seller(name=use.shop), captured_at=NOON))
    context = ContextSource(store.registry, clock=lambda: NOON).current(LOCAL)
    screened = Screener([PriceDetector()]).screen([Observation(each) for each in listings], context, at=NOON)
    store.screenings.record(screened)


def test_what_is_learned_is_published_and_makes_a_new_context(store: SqlStore) -> None:
    shown(store)
    source = ContextSource(store.registry, market=PublishedSnapshots(store.market), clock=lambda: NOON)
    before = source.current(LOCAL)
    assert COMMON not in before.snapshots
    published = publish_common(store, LOCAL, at=NOON + timedelta(hours=1), days=90)
    after = source.current(LOCAL)
    assert after.version != before.version
    common = after.snapshot(COMMON, CommonPictures)
    assert common.version == published.version
    assert common.of(template()[0].reading) is not None
    assert common.of(stolen()[0].reading) is None
    publish_common(store, LOCAL, at=NOON + timedelta(hours=2), days=90)  # of the same listings: the same version
    assert source.current(LOCAL).version == after.version
    assert COMMON not in source.current("harbour").snapshots


def test_what_was_not_seen_for_long_is_forgotten(store: SqlStore) -> None:
    shown(store)
    assert publish_common(store, LOCAL, at=NOON + timedelta(days=91), days=90).uses == {}


def test_a_published_list_that_is_none_is_a_fault(store: SqlStore) -> None:
    assert load_common(store.market, LOCAL) is None
    store.market.publish(LOCAL, COMMON, "x", b"[1]", at=NOON)
    with pytest.raises(InputError, match="no list of common pictures"):
        load_common(store.market, LOCAL)
