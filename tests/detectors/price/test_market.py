"""The price detector with everything the market gives it, against the conformance suite."""

from datetime import timedelta
from decimal import Decimal

import numpy as np

from detectors.price import PriceDetector
from detectors.price.forest import FEATURES
from detectors.price.forest_training import train
from detectors.price.market import PEERS, PRICE_MODEL
from models.context import Context
from models.findings import EarlierPrice, Observation, Stance
from models.subjects import ParcelRecord
from tests.detectors.conformance import DetectorConformance
from tests.detectors.price.market import ORDINARY, REGISTRY, SALE, listing, market, prices


def earlier(*said: int) -> tuple[EarlierPrice, ...]:
    days = range(len(said), 0, -1)
    return tuple(
        EarlierPrice(ORDINARY - timedelta(days=day), Decimal(price), "CNY")
        for day, price in zip(days, said, strict=True)
    )


FOREST = train(np.random.default_rng(2).normal(0, 0.05, size=(300, len(FEATURES))))
EXAMPLES = (
    Observation(listing(999, 8, sales=90_000, list_price=900), earlier=earlier(80, 80, 80)),
    Observation(listing(998, 42)),
    Observation(listing(997, 100), earlier=earlier(100, 50, 100)),
    Observation(listing(996, 12, captured_at=SALE)),
    Observation(listing(995, 100)),
    Observation(listing(994, 8, title="无牌 洗面奶 100ml")),
    Observation(ParcelRecord(parcel_token="1", carrier="快运")),
)


class TestMarket(DetectorConformance):
    detector = PriceDetector()
    examples = EXAMPLES
    context = Context(registry=REGISTRY, as_of=ORDINARY, snapshots={PEERS: prices(market(120)), PRICE_MODEL: FOREST})

    def answers(self, batch):  # type: ignore[no-untyped-def]
        """The suite of the catalogue leaves other kinds to the screener; so does this one."""
        listings = [each for each in batch if each.subject.key.kind in self.detector.kinds]
        found = iter(self.detector.detect(listings, self.context))
        return [next(found) if each.subject.key.kind in self.detector.kinds else [] for each in batch]

    def test_every_fact_of_the_market_is_among_the_examples(self) -> None:
        assert {finding.fact for finding in self.findings()} == {
            "price-far-below-peers",
            "price-below-peers",
            "price-on-sale-day",
            "price-second-opinion",
            "price-dropped",
            "price-zigzag",
        }

    def test_whatever_speaks_of_peers_tells_how_many_they_are(self) -> None:
        for finding in self.findings():
            if "peers" in finding.fact or finding.fact == "price-second-opinion":
                assert finding.params["sellers"] == 120
            if finding.fact == "price-on-sale-day":
                assert finding.stance is Stance.AGAINST
