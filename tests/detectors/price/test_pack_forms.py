"""The same goods in every form of pack: one unit price, no honest pack flagged, every suspicious one found."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.price import PriceDetector
from detectors.price.comparison import compare
from detectors.price.goods import GoodsIndex
from detectors.triage import assess
from models.context import Context
from models.findings import Evidence, Finding, Observation, Stance, signed
from models.registry import Mark, ReferenceGoods, Registry
from models.subjects import Listing
from tests.detectors.price.pack_forms import BEFORE, BEHIND, MANY, SINGLE, WARES, Ware, sizes

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
MARKS = (Mark(mark_id="M1", text="白鹭泉"), Mark(mark_id="M2", text="KESTRELLO"), Mark(mark_id="M3", text="晴川"))
GOODS = tuple(
    ReferenceGoods(
        goods_id=ware.goods_id,
        mark_id=ware.mark_id,
        name=ware.name,
        specification=ware.specification,
        reference_price=ware.price,
        currency="CNY",
    )
    for ware in WARES
)
REGISTRY = Registry(marks=MARKS, goods=GOODS)
INDEX = GoodsIndex(REGISTRY)
DETECTOR = PriceDetector()

wares = st.sampled_from(WARES)
frames = st.tuples(st.sampled_from(BEFORE), st.sampled_from(BEHIND))


def listing(title: str, price: Decimal) -> Listing:
    return Listing(listing_id="1", platform="集市", title=title, price=price, currency="CNY")


def asked(ware: Ware, number: int, ratio: float) -> Decimal:
    return (ware.price * number * Decimal(str(ratio))).quantize(Decimal("0.01"))


def found(said: Listing, ware: Ware) -> list[Finding]:
    """The findings on the price, and those that plain use of the mark by a stranger brings with it."""
    (findings,) = DETECTOR.detect([Observation(said)], Context(REGISTRY, AS_OF))
    named = (("identical-mark", Stance.FOR), ("plain-resale", Stance.AGAINST))
    beside = [
        Evidence(fact=fact, stance=stance, score=1.0, field="title", mark_id=ware.mark_id, subject_value=ware.name)
        for fact, stance in named
    ]
    return [*findings, *(signed(one, said, detector="trademark", version="1") for one in beside)]


def is_flagged(said: Listing, ware: Ware) -> bool:
    return assess(found(said, ware), REGISTRY, AS_OF, said).flagged


def ratio_of(said: Listing) -> float:
    (offer,) = INDEX.offers(said)
    compared = compare(said, offer)
    assert compared is not None
    return compared.ratio


@pytest.mark.parametrize("form", MANY)
@settings(max_examples=30)
@given(ware=wares, number=st.integers(2, 48), frame=frames, data=st.data())
def test_one_unit_price_in_every_form(
    form: str, ware: Ware, number: int, frame: tuple[str, str], data: st.DataObject
) -> None:
    size = data.draw(st.sampled_from(list(sizes(ware))))
    title = frame[0] + MANY[form](ware.name, size, ware.pack, number) + frame[1]
    assert ratio_of(listing(title, ware.price * number)) == pytest.approx(1.0)


@given(
    ware=wares,
    form=st.sampled_from(sorted(MANY)),
    number=st.integers(2, 48),
    ratio=st.floats(0.5, 3.0),
    frame=frames,
    data=st.data(),
)
def test_no_honest_pack_is_flagged(
    ware: Ware, form: str, number: int, ratio: float, frame: tuple[str, str], data: st.DataObject
) -> None:
    size = data.draw(st.sampled_from(list(sizes(ware))))
    title = frame[0] + MANY[form](ware.name, size, ware.pack, number) + frame[1]
    said = listing(title, asked(ware, number, ratio))
    assert not is_flagged(said, ware)
    assert not any(finding.stance is Stance.FOR and finding.detector == "price" for finding in found(said, ware))


@pytest.mark.parametrize("form", MANY)
def test_a_suspicious_pack_is_flagged_in_every_form(form: str) -> None:
    for ware in WARES:
        for size in sizes(ware):
            for number in (2, 12):
                said = listing(MANY[form](ware.name, size, ware.pack, number), asked(ware, number, 0.06))
                assert is_flagged(said, ware), said.title


@pytest.mark.parametrize("ware", WARES)
def test_single_packages_are_single(ware: Ware) -> None:
    for form in SINGLE:
        for size in sizes(ware):
            title = form(ware.name, size, ware.pack, 1)
            assert ratio_of(listing(title, ware.price)) == pytest.approx(1.0), title
            assert not is_flagged(listing(title, asked(ware, 1, 0.6)), ware)
            assert is_flagged(listing(title, asked(ware, 1, 0.08)), ware), title


@given(ware=wares, paid=st.integers(1, 3), more=st.integers(1, 2), ratio=st.floats(0.76, 1.3))
def test_several_for_the_price_of_fewer_is_no_suspicion_at_a_normal_price(
    ware: Ware, paid: int, more: int, ratio: float
) -> None:
    title = f"{ware.name}{ware.size}{ware.base}买{paid}送{more}"
    said = listing(title, asked(ware, 1, ratio))
    assert ratio_of(said) == pytest.approx(ratio * paid / (paid + more), rel=0.01)
    assert not is_flagged(said, ware)


@pytest.mark.parametrize("ware", WARES)
@pytest.mark.parametrize("deal", ["拍1发5", "买1得5", "拍一发五"])
def test_a_trick_of_more_than_paid_for_is_seen_through(ware: Ware, deal: str) -> None:
    """The price of one looks half honest; five come for it."""
    said = listing(f"{ware.name}{ware.size}{ware.base} {deal}", asked(ware, 1, 0.45))
    assert ratio_of(said) == pytest.approx(0.09, rel=0.01)
    assert is_flagged(said, ware)


@given(ware=wares, factor=st.sampled_from([2, 3, 4, 5]), number=st.integers(2, 6))
def test_larger_and_smaller_packages_have_one_unit_price(ware: Ware, factor: int, number: int) -> None:
    large = f"{ware.name}{ware.size * factor}{ware.base}*{number}{ware.pack}"
    many = f"{ware.name}{ware.size}{ware.base}*{number * factor}{ware.pack}"
    price = asked(ware, number * factor, 1.0)
    assert ratio_of(listing(large, price)) == pytest.approx(ratio_of(listing(many, price)))
