"""What shops and firms do, as far as a page, its shop and public records show it; weak by nature."""

import json
import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any

import pytest

from detectors.behaviour import SHOPS, BehaviourDetector, ShopCounts, ShopTable
from detectors.triage import rules
from detectors.triage.assessment import assess
from models.context import Context, Snapshot
from models.findings import Finding, Observation, Stance
from models.public_records import RECORDS, PublicRecords
from models.registry import Fame, Mark, Operator, Penalty, Registry
from models.subjects import Listing, Seller

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
CODE, OTHER = "91350100M000100Y43", "91310000MA1FL0001R"  # the first is the example of GB 32100-2015
FAMOUS = tuple(
    Mark(mark_id=f"F{number}", text=text, holder=f"权利人{number}", nice_classes=(number + 1,), fame=Fame.WELL_KNOWN)
    for number, text in enumerate(("云朵鹿", "白鹭泉", "KESTRELLO", "晴川堂", "鹿鸣谷", "青岚记"))
)
REGISTRY = Registry(marks=(*FAMOUS, Mark(mark_id="M1", text="小舟", holder="小舟公司")))
DETECTOR = BehaviourDetector()


def listing(number: int = 1, title: str = "纯棉毛巾", **said: Any) -> Listing:
    given = {"listing_id": str(number), "platform": "集市", "title": title, "price": "30", "currency": "CNY"}
    return Listing.model_validate({**given, "captured_at": AS_OF, "seller": {"id": "s1", "name": "某店"}, **said})


def told(subject: Listing, records: PublicRecords | None = None, shop: list[Listing] | None = None) -> list[Finding]:
    snapshots: dict[str, Snapshot] = {}
    if records is not None:
        snapshots[RECORDS] = records
    if shop is not None:
        snapshots[SHOPS] = table(shop)
    context = Context(registry=REGISTRY, as_of=AS_OF, snapshots=snapshots)
    (findings,) = DETECTOR.detect([Observation(subject)], context)
    assert not assess(findings, REGISTRY, AS_OF, subject).flagged
    return findings


def facts(subject: Listing, records: PublicRecords | None = None, shop: list[Listing] | None = None) -> list[str]:
    return [finding.fact for finding in told(subject, records, shop)]


def table(listings: list[Listing]) -> ShopTable:
    counts = ShopCounts(REGISTRY)
    assert list(counts.watching(listings)) == listings
    return counts.table()


def selling(uscc: str, **said: Any) -> Listing:
    return listing(seller={"id": "s1", "name": "某店", "uscc": uscc}, **said)


def test_behaviour_alone_never_flags_whatever_comes_together() -> None:
    own = {code: rule for code, rule in rules().facts.items() if code in set(_own_facts())}
    groups = {rule.group: 0.0 for rule in own.values()}
    for rule in own.values():
        groups[rule.group] = max(groups[rule.group], rule.weight, rule.alone)
    assert sum(groups.values()) < rules().operating_point("listing")
    assert not {group for group in groups if rules().policy.repeat.get(group)}


def _own_facts() -> list[str]:
    return list(
        tomllib.loads(resources.files("detectors.triage").joinpath("data", "behaviour.toml").read_text("utf-8"))
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (CODE, []),
        (CODE.lower(), []),
        (CODE[:-1] + "4", ["credit-code-invalid"]),
        ("91350100M000100Y34", ["credit-code-invalid"]),
        (OTHER, []),
        ("", []),
    ],
)
def test_a_credit_code_is_checked_by_its_sign(code: str, expected: list[str]) -> None:
    assert facts(selling(code)) == expected


def test_a_code_that_the_reader_set_aside_is_judged_too_and_a_masked_one_is_not() -> None:
    assert facts(listing(attributes={"seller.uscc": "91350100M0001"})) == ["credit-code-invalid"]
    assert facts(listing(attributes={"seller.uscc": "9135****Y43"})) == []
    assert facts(listing(attributes={"seller.uscc": "350100100012345"})) == []


@pytest.mark.parametrize(
    ("operator", "said", "expected"),
    [
        (Operator(uscc=CODE, name="晴川日化有限公司", status="存续"), {}, ["operator-confirmed"]),
        (
            Operator(uscc=CODE, name="晴川日化有限公司"),
            {"企业名称": "晴川日化（上海）有限公司"},
            ["operator-confirmed"],
        ),
        (Operator(uscc=CODE, name="晴川日化有限公司"), {"企业名称": "鹿鸣谷商贸有限公司"}, ["credit-code-mismatch"]),
        (Operator(uscc=CODE, name="晴川日化有限公司", status="已吊销"), {}, ["operator-not-active"]),
        (Operator(uscc=OTHER, name="晴川日化有限公司", status="已吊销"), {}, []),
    ],
)
def test_the_register_confirms_or_contradicts(operator: Operator, said: dict[str, str], expected: list[str]) -> None:
    findings = told(selling(CODE, attributes=said), PublicRecords(operators=(operator,)))
    assert [finding.fact for finding in findings] == expected
    assert all((finding.stance is Stance.AGAINST) == (finding.fact == "operator-confirmed") for finding in findings)


def test_a_shops_name_is_no_firms_name_unless_it_has_a_legal_form() -> None:
    records = PublicRecords(operators=(Operator(uscc=CODE, name="晴川日化有限公司"),))
    plain = listing(seller={"name": "小鹿优品店", "uscc": CODE})
    firm = listing(seller={"name": "鹿鸣谷商贸有限公司", "uscc": CODE})
    assert facts(plain, records) == ["operator-confirmed"]
    assert facts(firm, records) == ["credit-code-mismatch"]


def test_penalties_count_by_ground_and_age() -> None:
    def score(**said: Any) -> float:
        (finding,) = told(selling(CODE), PublicRecords(penalties=(Penalty(uscc=CODE, **said),)))
        assert finding.fact == "earlier-penalty"
        return finding.score

    recent = score(decided_on=date(2025, 1, 1), ground="销售侵犯注册商标专用权的商品")
    other = score(decided_on=date(2025, 1, 1), ground="未按规定公示年报")
    old = score(decided_on=date(2018, 1, 1), ground="销售侵犯注册商标专用权的商品")
    assert recent == 1.0
    assert recent > other
    assert recent > old
    assert facts(selling(OTHER), PublicRecords(penalties=(Penalty(uscc=CODE),))) == []


def test_of_several_penalties_the_weightiest_is_told_with_their_number() -> None:
    rows = (
        Penalty(uscc=CODE, decided_on=date(2026, 1, 1), ground="年报"),
        Penalty(uscc=CODE, decided_on=date(2024, 1, 1), ground="假冒注册商标", case_no="市监罚〔2024〕1号"),
    )
    (finding,) = told(selling(CODE), PublicRecords(penalties=rows))
    assert (finding.params["count"], finding.params["case_no"]) == (2, "市监罚〔2024〕1号")
    (again,) = told(selling(CODE), PublicRecords(penalties=rows[::-1]))
    assert again == finding


@pytest.mark.parametrize(
    ("price", "sales", "listed", "burst"),
    [
        ("1999", 50000, "2026-02-19", True),
        ("9.9", 20000, "2026-02-19", False),
        ("1999", 50000, "2016-02-19", False),
        ("1999", 500, "2026-02-28", False),
        ("1999", 50000, "", False),
        ("1999", 50000, "不详", False),
    ],
)
def test_sales_are_held_against_price_and_age(price: str, sales: int, listed: str, burst: bool) -> None:
    subject = listing(price=price, sales=sales, attributes={"上架时间": listed} if listed else {})
    assert ("sales-burst" in facts(subject)) is burst


def test_reviews_that_repeat_each_other_or_share_a_day() -> None:
    copied = [f"东西非常好会再来买的{number}" for number in range(8)] + ["质量不错物流很快推荐购买"] * 6
    honest = [f"第{number}次购买，味道一直稳定" for number in range(30)] + ["此用户没有填写评价。"] * 50
    assert facts(listing(attributes={"reviews": json.dumps(copied)})) == ["reviews-repeated"]
    assert facts(listing(attributes={"reviews": json.dumps(honest)})) == []
    one_day = [{"text": f"很好用的东西{number}", "date": "2026-02-01 10:00"} for number in range(25)]
    assert facts(listing(attributes={"reviews": json.dumps(one_day)})) == ["reviews-one-day"]
    spread = [{"text": f"很好用的东西{number}", "date": f"2026-02-{number + 1:02}"} for number in range(25)]
    assert facts(listing(attributes={"reviews": json.dumps(spread)})) == []
    assert facts(listing(attributes={"reviews": "3452"})) == []


def test_a_small_shop_with_many_well_known_marks_and_a_mall_that_has_them_too() -> None:
    small = [listing(number, f"{mark.text} 特价") for number, mark in enumerate(FAMOUS)]
    assert facts(small[0], shop=small) == ["shop-many-famous"]
    assert facts(small[0], shop=small[:3]) == []
    mall = small + [listing(100 + number, f"日用百货{number}") for number in range(400)]
    assert facts(small[0], shop=mall) == []
    slice_of_one = [each.model_copy(update={"seller": Seller(id="s1", name="某某超市")}) for each in small]
    assert facts(slice_of_one[0], shop=slice_of_one) == []
    one_holder = [
        listing(number, f"{mark.text} 特价", seller={"id": f"s{number}"}) for number, mark in enumerate(FAMOUS)
    ]
    assert facts(one_holder[0], shop=one_holder) == []


def test_a_young_shop_with_the_trade_of_years() -> None:
    opened = {"seller.opened_at": "2026-02-01"}
    shop = [listing(number, f"货{number}", sales=9000, attributes=opened) for number in range(5)]
    assert facts(shop[0], shop=shop) == ["shop-young-high-volume"]
    old = [each.model_copy(update={"attributes": {"seller.opened_at": "2020-02-01"}}) for each in shop]
    assert facts(old[0], shop=old) == []


def test_what_was_taken_down_and_stands_again_under_another_id() -> None:
    gone = listing(1, "云朵鹿 童装 三件套", availability="Discontinued", captured_at=AS_OF - timedelta(days=3))
    again = listing(2, "云朵鹿·童装 三件套")
    assert facts(again, shop=[gone, again]) == ["relisted-after-removal"]
    assert facts(gone, shop=[gone, again]) == []
    other_shop = again.model_copy(update={"seller": again.seller.model_copy(update={"id": "s2"})})
    assert facts(other_shop, shop=[gone, other_shop]) == []
    earlier = again.model_copy(update={"captured_at": AS_OF - timedelta(days=9)})
    assert facts(earlier, shop=[gone, earlier]) == []


def test_a_table_of_shops_is_the_same_in_any_order_and_after_being_written() -> None:
    listings = [
        listing(
            number,
            f"{FAMOUS[number % 6].text} {number}",
            sales=number,
            availability="Discontinued" if number % 3 else "InStock",
            captured_at=AS_OF - timedelta(days=number),
            seller={"id": f"s{number % 2}"},
        )
        for number in range(20)
    ]
    whole, turned = table(listings), table(listings[::-1])
    assert whole.version == turned.version
    assert whole.to_bytes() == turned.to_bytes()
    assert ShopTable.from_bytes(whole.to_bytes()) == whole
    assert table(listings[:-1]).version != whole.version
