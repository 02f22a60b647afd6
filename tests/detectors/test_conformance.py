"""Every detector of the catalogue against the conformance suite, on one small market of fictional marks and shops."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from detectors.catalogue import detectors
from detectors.pictures import PictureIndex
from detectors.protocol import Detector
from detectors.trademark import MarkIndex
from models.context import Context
from models.findings import Evidence, Finding, Observation, Stance, signed
from models.pictures import PictureReading, ReferencePicture
from models.registry import AuthorisedSeller, Mark, MarkKind, ReferenceGoods, Registry
from models.subjects import Listing, ParcelRecord, RouteEvent, Seller
from tests.detectors.conformance import DetectorConformance, said

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
HASHES = {
    "pdq-256": "f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1e0f",
    "phash-64": "f0e1d2c3b4a59687",
}


def reading(address: str) -> PictureReading:
    return PictureReading(address=address, content_sha256="a" * 64, width=800, height=800, hashes=HASHES, quality=100)


REGISTRY = Registry(
    marks=(
        Mark(mark_id="M1", text="云师傅", nice_classes=(30,)),
        Mark(mark_id="M2", text="KESTRELLO", nice_classes=(9,), aliases=("红隼",)),
        Mark(mark_id="M3", text="晴川龙井", nice_classes=(30,), kind=MarkKind.GI, origin="浙江杭州"),
        Mark(mark_id="M4", text="白鹭泉", nice_classes=(3,)),
    ),
    goods=(
        ReferenceGoods(
            goods_id="G1",
            mark_id="M4",
            name="白鹭泉 洗衣液 3kg",
            specification="瓶3kg",
            reference_price=Decimal(60),
            currency="CNY",
        ),
    ),
    authorised=(
        AuthorisedSeller(mark_id="M1", platform="集市", seller_name="云师傅旗舰店", valid_to=date(2027, 1, 1)),
    ),
)
CONTEXT = Context(
    registry=REGISTRY,
    as_of=AS_OF,
    snapshots={
        "marks": MarkIndex.build(REGISTRY),
        "pictures": PictureIndex.build([ReferencePicture(mark_id="M4", goods_id="G1", reading=reading("official"))]),
    },
)


def listing(number: int, title: str, **said_: Any) -> Listing:
    return Listing.model_validate(
        {"listing_id": str(number), "platform": "集市", "title": title, "price": "30", "currency": "CNY", **said_}
    )


def parcel(number: int, **said_: Any) -> ParcelRecord:
    events = tuple(
        RouteEvent(time=AS_OF + timedelta(hours=hour), place=place)
        for hour, place in enumerate(("广东深圳", "浙江杭州"))
    )
    return ParcelRecord.model_validate({"parcel_token": str(number), "carrier": "快运", "events": events, **said_})


OVERSEAS = listing(90, "海外直邮 白鹭泉 洗衣液", ships_from="日本")
EXAMPLES = (
    Observation(listing(1, "云帅傅牛肉面五连包", nice_class=30)),
    Observation(listing(2, "云师傅牛肉面五连包", nice_class=30, seller=Seller(name="云师傅旗舰店"))),
    Observation(listing(3, "适用于KESTRELL0耳机的保护套", category="数码配件", brand="红隼")),
    Observation(listing(4, "晴川龙井 福建产地直发 明前茶", nice_class=30)),
    Observation(listing(5, "白鹭泉 洗衣液 3kg", price="6"), pictures=(reading("https://shop.example/1.jpg"),)),
    Observation(listing(6, "普通棉线手套 五双装")),
    Observation(listing(7, "KESTRELLO 高*仿 耳机 加薇❤", description="专柜复刻", attributes={"卖点": "原单尾货"})),
    Observation(listing(8, "拒绝高仿 假一赔十 云师傅", seller=Seller(name="云师傅官方旗舰店"))),
    Observation(listing(9, "棉袜", seller=Seller(name="袜行", uscc="91350100M000100Y40"))),
    Observation(OVERSEAS),
    Observation(parcel(1, inspected_at_acceptance=False, real_name_verified=True, xray_screened=True)),
    Observation(parcel(2, inspected_at_acceptance=True, real_name_verified=True, xray_screened=True)),
    Observation(
        parcel(3, inspected_at_acceptance=True, real_name_verified=True, xray_screened=True, listing_id="90"),
        listing=OVERSEAS,
    ),
)


@pytest.fixture(params=detectors(), ids=lambda detector: detector.name)
def detector(request: pytest.FixtureRequest) -> Any:
    return request.param


class TestCatalogue(DetectorConformance):
    """The suite, once for each detector."""

    examples = EXAMPLES
    context = CONTEXT

    @pytest.fixture(autouse=True)
    def _of(self, detector: Detector) -> None:
        self.detector = detector


def test_the_catalogue_names_each_detector_once() -> None:
    names = [detector.name for detector in detectors()]
    assert names == ["trademark", "price", "wording", "behaviour", "pictures", "parcels"]


class Forgetful:
    """A detector that must not pass: what it says of a subject depends on the subjects before it in the batch."""

    name = "wording"
    version = "1"
    kinds = frozenset({"listing"})

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        answers: list[list[Finding]] = []
        for place, observation in enumerate(batch):
            evidence = Evidence(fact="plain-resale", stance=Stance.AGAINST, score=0.5, field="title", mark_id="M1")
            finding = signed(evidence, observation.subject, detector=self.name, version=self.version)
            answers.append([finding] if place % 2 == 0 and context.registry.marks else [])
        return answers


def test_the_suite_catches_a_detector_that_depends_on_its_batch() -> None:
    suite = DetectorConformance()
    suite.detector, suite.examples, suite.context = Forgetful(), EXAMPLES, CONTEXT
    with pytest.raises(AssertionError):
        suite.test_neither_order_nor_size_of_the_batch_matters()


def test_bytes_tell_findings_apart() -> None:
    found = detectors()[0].detect(EXAMPLES, CONTEXT)
    assert said(found) != said(found[::-1])
