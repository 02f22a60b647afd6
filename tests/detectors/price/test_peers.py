"""Peers: who is compared with whom, one seller one voice, nobody its own peer, and the rule of sample size."""

import math
import random
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from detectors.price.log_bins import bin_of, middle_of, rungs
from detectors.price.market import PEERS
from detectors.price.peer_offers import PeerReader
from detectors.price.peers import PeerCounts, PeerPrices, most_as_low
from detectors.triage import assess
from models.context import Context
from models.errors import InputError
from models.findings import Finding, Observation
from models.registry import Mark, MarkKind, ReferenceGoods, Registry
from models.subjects import Listing, Seller
from tests.detectors.price.market import ORDINARY, READER, REGISTRY, SALE, listing, market, offer, prices


def found(subject: Listing, peers: PeerPrices, registry: Registry = REGISTRY) -> dict[str, Finding]:
    """The price findings on the first mark of the sign, by fact."""
    from detectors.price import PriceDetector

    context = Context(registry=registry, as_of=ORDINARY, snapshots={PEERS: peers})
    answers = PriceDetector().detect([Observation(subject)], context)[0]
    return {finding.fact: finding for finding in answers if finding.mark_id in ("M1", None)}


def test_a_far_lower_price_among_many_sellers_is_told_with_the_size_of_the_sample() -> None:
    peers = prices(market(80))
    finding = found(listing(999, 12), peers)["price-far-below-peers"]
    assert finding.params["sellers"] == 80
    assert finding.params["as_low"] == 0
    assert finding.params["ratio_percent"] == 12
    assert found(listing(999, 42), peers).keys() == {"price-below-peers"}
    assert not found(listing(999, 60), peers)
    assert not found(listing(999, 400), peers)


def test_where_prices_differ_widely_a_low_one_is_nothing_strange() -> None:
    wide = prices([listing(number, round(35 * 8 ** (number / 80), 2)) for number in range(80)])
    standing = wide.standing(offer(listing(999, 30)))
    assert standing is not None
    assert standing.supported
    assert standing.ratio < 0.35
    assert not found(listing(999, 30), wide)
    assert "price-below-peers" in found(listing(999, 30), prices(market(80)))


def test_every_mark_of_one_sign_gets_the_finding() -> None:
    from detectors.price import PriceDetector

    context = Context(registry=REGISTRY, as_of=ORDINARY, snapshots={PEERS: prices(market(80))})
    answers = PriceDetector().detect([Observation(listing(999, 12, title="BAILUQUAN 洗面奶 100ml"))], context)[0]
    assert [finding.mark_id for finding in answers] == ["M1", "M2"]


@pytest.mark.parametrize(("sellers", "speaks"), [(20, False), (58, False), (59, True), (300, True)])
def test_a_low_price_never_flags_below_the_sample_that_supports_it(sellers: int, speaks: bool) -> None:
    subject = listing(999, 1)
    peers = prices(market(sellers))
    assert bool(found(subject, peers)) is speaks
    findings = tuple(found(subject, peers).values())
    assert assess(findings, REGISTRY, ORDINARY, subject).flagged is speaks


def test_the_rule_of_sample_size_is_the_exact_binomial_bound() -> None:
    assert [most_as_low(sellers) for sellers in (1, 20, 58, 59, 92, 93, 124)] == [-1, -1, -1, 0, 0, 1, 2]
    for sellers in (59, 200, 1000, 20_000):
        most = most_as_low(sellers)
        told = [
            math.comb(sellers, k) * 0.05**k * 0.95 ** (sellers - k) if sellers <= 1000 else 0 for k in range(most + 2)
        ]
        if sellers <= 1000:
            assert sum(told[:-1]) <= 0.05 < sum(told)
        else:
            assert 0.045 * sellers < most < 0.05 * sellers


def test_others_as_low_take_the_claim_away() -> None:
    crowd = [*market(80), *(listing(200 + number, 12) for number in range(4))]
    assert not found(listing(999, 12), prices(crowd))


def test_peers_alone_flag_only_below_a_tenth_of_the_median() -> None:
    peers = prices(market(300))
    flagged = {}
    for price in (5, 9, 11, 20):
        subject = listing(999, price)
        flagged[price] = assess(tuple(found(subject, peers).values()), REGISTRY, ORDINARY, subject).flagged
    assert flagged == {5: True, 9: True, 11: False, 20: False}


def test_a_shop_is_one_voice_however_many_listings_it_has() -> None:
    flood = [listing(1000 + number, 1, seller=Seller(name="刷量铺")) for number in range(500)]
    peers = prices([*market(130), *flood])
    params = found(listing(999, 12), peers)["price-far-below-peers"].params
    assert (params["sellers"], params["as_low"]) == (131, 1)
    alone = prices([listing(number, 100, seller=Seller(name="刷量铺")) for number in range(500)])
    assert alone.sizes == (1, 1)


def test_a_shops_voice_is_the_lower_middle_of_its_listings() -> None:
    shop = Seller(name="白鹭泉专营")
    several = [listing(number, price, seller=shop) for number, price in enumerate((1, 100, 100, 900))]
    standing = prices(several).standing(offer(listing(999, 100)))
    assert standing is not None
    assert (standing.sellers, round(standing.ratio, 1)) == (1, 1.0)


def test_the_same_operator_behind_two_shops_is_one_voice() -> None:
    code = "91330106MA2XXXXX5T"
    shops = [listing(number, 100, seller=Seller(name=f"店{number}", uscc=code)) for number in range(70)]
    assert prices(shops).sizes == (1, 1)


def test_a_listing_is_never_its_own_peer() -> None:
    cheap = listing(999, 12)
    without, within = prices(market(80)), prices([*market(80), cheap])
    assert found(cheap, within)["price-far-below-peers"].params == found(cheap, without)["price-far-below-peers"].params
    assert within.standing(offer(cheap)) == without.standing(offer(cheap))
    sister = listing(998, 15, seller=Seller(name="店999"))  # the same shop's other listing is no peer either
    both = prices([*market(80), cheap, sister])
    assert both.standing(offer(cheap)) == without.standing(offer(cheap))
    assert prices([cheap]).standing(offer(cheap)) is None


def test_leaving_out_is_as_good_as_never_counted_for_every_seller() -> None:
    crowd = [offer(listing(number, round(10 * 1.3**number, 2))) for number in range(1, 12)]
    whole = PeerCounts().add_all(crowd).prices()
    for place, each in enumerate(crowd):
        rest = PeerCounts().add_all(crowd[:place] + crowd[place + 1 :]).prices()
        assert whole.standing(each) == rest.standing(each)


@settings(deadline=None, max_examples=50)
@given(strategies.lists(strategies.tuples(strategies.integers(1, 9), strategies.integers(1, 99_999)), max_size=60))
def test_any_order_and_any_split_give_the_same_bytes(said: list[tuple[int, int]]) -> None:
    offers = [
        offer(listing(number, Decimal(cents) / 100, seller=Seller(name=f"店{shop}")))
        for number, (shop, cents) in enumerate(said)
    ]
    whole = PeerCounts().add_all(offers).prices()
    shuffled = random.Random(7).sample(offers, len(offers))
    parts = [PeerCounts().add_all(shuffled[start::3]) for start in range(3)]
    merged = parts[2].merge(parts[0]).merge(parts[1]).prices()
    assert merged.version == whole.version
    assert all(np.array_equal(merged.arrays()[name], array) for name, array in whole.arrays().items())
    assert PeerPrices.from_arrays(whole.arrays()).version == whole.version


def test_another_price_is_another_version() -> None:
    assert prices(market(3)).version != prices([*market(2), listing(3, 55)]).version


@given(strategies.decimals(min_value="0.00001", max_value="1000000000", places=5))
def test_a_bin_knows_its_price_to_one_per_cent(price: Decimal) -> None:
    assert abs(middle_of(bin_of(float(price))) / float(price) - 1) < 0.0102


def test_the_rungs_are_decimal_powers() -> None:
    assert rungs()[700] == 1.0
    assert rungs()[701] == 1.02
    assert bin_of(1.02) == 701
    assert bin_of(1.0199999) == 700


def test_a_sale_day_relaxes_by_data_and_is_told_as_a_counter_reason() -> None:
    peers = prices(market(80))
    assert found(listing(999, 35), peers).keys() == {"price-below-peers"}
    assert not found(listing(999, 35, captured_at=SALE), peers)
    assert found(listing(999, 15, captured_at=SALE), peers).keys() == {"price-below-peers", "price-on-sale-day"}


def test_goods_with_a_reference_price_are_left_to_it() -> None:
    goods = ReferenceGoods(
        goods_id="G1", mark_id="M1", name="白鹭泉 洗面奶", specification="100ml", reference_price=50, currency="CNY"
    )
    registry = Registry(marks=REGISTRY.marks, goods=(goods,))
    peers = prices(market(80))
    assert "price-far-below-peers" in found(listing(999, 5), peers)
    assert "price-far-below-peers" not in found(listing(999, 5), peers, registry)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "白鹭泉 晴川 洗面奶 100ml"},  # two marks
        {"title": "白鹭泉 洗面奶 面膜 100ml"},  # two families
        {"title": "白鹭泉 洗面奶 套装 100ml"},  # a set
        {"title": "白鹭泉 洗面奶 100ml 定金"},
        {"title": "白鹭泉 洗面奶 小样 10ml"},
        {"title": "白鹭泉 洗面奶 100ml 二手"},
        {"title": "适用白鹭泉 洗面奶 100ml 空瓶"},
        {"title": "白鹭泉 100ml"},  # no family
        {"title": "洗面奶 100ml"},  # no mark
        {"condition": "used"},
        {"price": None},
        {"price": 0},
        {"currency": None},
        {"brand": "别家"},
    ],
)
def test_what_cannot_be_read_with_certainty_has_no_peers(fields: dict[str, object]) -> None:
    assert READER.read(listing(1, 10).model_copy(update=fields)) is None


def test_groups_part_by_family_unit_size_and_currency_and_join_spellings() -> None:
    base = offer(listing(1, 10))
    assert base.group == "白鹭泉|facial_cleanser|ml64|CNY"
    assert base.unit_price == Decimal("0.1")
    assert offer(listing(2, 10, title="BAILUQUAN 洁面乳 120ml")).group == base.group
    assert offer(listing(2, 10, title="洁面乳 120ml", brand="白鹭泉")).group == base.group
    others = [
        listing(2, 10, title="白鹭泉 面膜 100ml"),
        listing(2, 10, title="白鹭泉 洗面奶 100g"),
        listing(2, 10, title="白鹭泉 洗面奶 1000ml"),
        listing(2, 10, title="白鹭泉 洗面奶"),
        listing(2, 10, currency="USD"),
        listing(2, 10, title="晴川 洗面奶 100ml"),
    ]
    groups = {offer(other).group for other in others}
    assert len(groups) == len(others)
    assert base.group not in groups
    assert offer(listing(2, 20, title="白鹭泉 洗面奶 100ml*2瓶")).unit_price == Decimal("0.1")


def test_a_longer_name_hides_the_shorter_one_within_it() -> None:
    reader = PeerReader(Registry(marks=(Mark(mark_id="A", text="白鹭"), Mark(mark_id="B", text="白鹭泉"))))
    told = reader.read(listing(1, 10))
    assert told is not None
    assert told.mark_ids == ("B",)


@pytest.mark.parametrize(("text", "named"), [("76", False), ("1011", False), ("N1", False), ("N1X", True)])
def test_digits_and_two_letters_name_no_mark(text: str, named: bool) -> None:
    reader = PeerReader(Registry(marks=(Mark(mark_id="A", text=text),)))
    assert (reader.read(listing(1, 10, title=f"口红 {text} 色")) is not None) is named


def test_a_place_name_makes_no_peers() -> None:
    reader = PeerReader(Registry(marks=(Mark(mark_id="A", text="白鹭泉", kind=MarkKind.GI, origin="浙江"),)))
    assert reader.read(listing(1, 10)) is None


def test_arrays_that_are_no_peer_prices_are_refused() -> None:
    good = dict(prices(market(5)).arrays())
    for broken in ({}, {**good, "starts": good["starts"][:-1]}, {**good, "voices": good["voices"][1:]}):
        with pytest.raises(InputError):
            PeerPrices.from_arrays(broken)
    assert PeerPrices.empty().sizes == (0, 0)
    assert PeerPrices.from_arrays(PeerPrices.empty().arrays()).version == PeerPrices.empty().version
