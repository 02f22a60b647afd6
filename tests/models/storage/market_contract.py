"""What every store keeps of the market: one price a day however often it is told, and snapshots by version."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from models.errors import NotFoundError
from models.identity import LOCAL
from models.storage import SqlStore, market
from models.subjects import Listing
from tests.models.storage.conftest import Contents
from tests.models.storage.samples import NOON, OTHER, at, listing, parcel, screening


def seen(price: str | None, *, days: float = 0, organisation_id: str = LOCAL, number: int = 1) -> Listing:
    moment = NOON + timedelta(days=days)
    return listing(number, organisation_id, price=price and Decimal(price), captured_at=moment)


class MarketContract:
    def test_earlier_days_are_told_oldest_first_and_its_own_is_left_out(self, store: SqlStore) -> None:
        store.market.keep_prices([seen("9.90", days=2), seen("5", days=1), seen("7.5"), seen("3", days=3)])
        subject = seen("9.90", days=2)
        points = store.market.earlier_prices([subject])[subject.key.token]
        assert [(point.price, point.currency) for point in points] == [(Decimal("7.5"), "CNY"), (Decimal(5), "CNY")]
        assert [point.at for point in points] == [NOON, NOON + timedelta(days=1)]
        assert store.market.earlier_prices([seen("1", days=-1)]) == {}

    def test_keeping_twice_changes_nothing(self, store: SqlStore, contents: Contents) -> None:
        batch = [seen("9.90"), seen("5", days=1), seen("8", number=2)]
        store.market.keep_prices(batch)
        before = contents()
        store.market.keep_prices(batch)
        store.market.keep_prices(batch[::-1])
        assert contents() == before

    def test_of_one_day_the_latest_sighting_stands_whatever_the_order(self, store: SqlStore) -> None:
        morning, noon, evening = (seen(price, days=place / 10) for place, price in enumerate(("1", "2", "3")))
        for place, order in enumerate(permutations((morning, noon, evening))):
            organisation_id = f"order-{place}"
            for each in order:
                store.market.keep_prices([each.model_copy(update={"organisation_id": organisation_id})])
            tomorrow = seen("9", days=1, organisation_id=organisation_id)
            points = store.market.earlier_prices([tomorrow])[tomorrow.key.token]
            assert [point.price for point in points] == [Decimal(3)]

    def test_a_day_is_one_in_shanghai(self, store: SqlStore) -> None:
        late = seen("9", days=13 / 24)  # 01:00 of the next day there
        store.market.keep_prices([seen("5")])
        assert late.key.token in store.market.earlier_prices([late])
        assert store.market.earlier_prices([seen("9", days=11 / 24)]) == {}

    def test_listings_without_price_or_time_are_passed_over(self, store: SqlStore, contents: Contents) -> None:
        before = contents()
        store.market.keep_prices([seen(None), seen("0"), listing(1), listing(1, currency=None, captured_at=NOON)])
        store.market.keep_prices([])
        assert contents() == before
        assert store.market.earlier_prices([listing(1)]) == {}

    def test_old_prices_are_forgotten(self, store: SqlStore) -> None:
        store.market.keep_prices([seen("1"), seen("2", days=5), seen("3", organisation_id=OTHER)])
        assert store.market.forget_prices(LOCAL, before=NOON + timedelta(days=5)) == 1
        points = store.market.earlier_prices([seen("9", days=9)])
        assert [point.price for point in next(iter(points.values()))] == [Decimal(2)]
        assert store.market.earlier_prices([seen("9", days=9, organisation_id=OTHER)])

    def test_an_organisation_sees_its_own(self, store: SqlStore) -> None:
        store.market.keep_prices([seen("5", organisation_id=OTHER)])
        store.market.publish(OTHER, "peers", "v1", b"theirs", at=NOON)
        store.screenings.record([screening(listing(1, OTHER))])
        assert store.market.earlier_prices([seen("9", days=1)]) == {}
        assert store.market.published_version(LOCAL, "peers") == ""
        assert list(store.market.newest_listings(LOCAL, since=NOON - timedelta(days=1))) == []
        with pytest.raises(NotFoundError):
            store.market.published(LOCAL, "peers")

    def test_the_newest_state_of_every_listing_is_read_in_one_order(
        self, store: SqlStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(market, "PAGE", 3)
        old = [screening(listing(number, title="旧"), minutes=0) for number in range(8)]
        new = [screening(listing(number, title="新"), minutes=5) for number in range(7)]
        store.screenings.record([*old, screening(parcel(1))])
        store.screenings.record(new)
        found = list(store.market.newest_listings(LOCAL, since=at(-1)))
        assert sorted(each.listing_id for each in found) == [f"item-{number}" for number in range(8)]
        assert [each.title for each in found].count("旧") == 1
        assert found == list(store.market.newest_listings(LOCAL, since=at(-1)))
        assert len(list(store.market.newest_listings(LOCAL, since=at(1)))) == 7

    def test_snapshots_are_published_by_version(self, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        store.market.publish(LOCAL, "peers", "v1", b"\x00one", at=NOON)
        store.market.publish(LOCAL, "peers", "v2", b"two", at=NOON)
        assert store.market.published_version(LOCAL, "peers") == "v2"
        assert store.market.published(LOCAL, "peers").body == b"two"
        assert store.market.published(LOCAL, "peers", "v1").body == b"\x00one"
        store.market.publish(LOCAL, "peers", "v1", b"\x00one", at=at(1))
        assert store.market.published_version(LOCAL, "peers") == "v1"
        assert store.market.published_version(LOCAL, "else") == ""
        monkeypatch.setattr(market, "VERSIONS_KEPT", 2)
        store.market.publish(LOCAL, "peers", "v3", b"three", at=at(2))
        with pytest.raises(NotFoundError):
            store.market.published(LOCAL, "peers", "v2")
        assert store.market.published(LOCAL, "peers", "v1").body == b"\x00one"
