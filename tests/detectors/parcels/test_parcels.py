"""Parcels: duties at acceptance, and dispatch from abroad that began at home."""

from datetime import UTC, datetime, timedelta

import pytest

from detectors.parcels import ParcelDetector
from detectors.triage import assess
from models.context import Context
from models.explanations import LANGUAGES, explain
from models.findings import Finding, Observation, Stance
from models.registry import Registry
from models.subjects import Listing, ParcelRecord, RouteEvent

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
CONTEXT = Context(Registry(), AS_OF)
DETECTOR = ParcelDetector()
DONE = {"inspected_at_acceptance": True, "real_name_verified": True, "xray_screened": True}


def parcel(*way: str | tuple[str, str], **said: object) -> ParcelRecord:
    """A parcel with one event an hour; an event is a place, or a place and a code."""
    events = tuple(
        RouteEvent(time=AS_OF + timedelta(hours=hour), place=stop if isinstance(stop, str) else stop[0],
                   code="" if isinstance(stop, str) else stop[1])
        for hour, stop in enumerate(way)
    )  # fmt: skip
    return ParcelRecord.model_validate({"parcel_token": "t", "carrier": "快运", "events": events, **DONE, **said})


def listing(title: str = "云朵鹿奶粉", **said: str) -> Listing:
    return Listing.model_validate({"listing_id": "1", "platform": "集市", "title": title, **said})


def found(subject: ParcelRecord, about: Listing | None = None) -> list[Finding]:
    (findings,) = DETECTOR.detect([Observation(subject, listing=about)], CONTEXT)
    return findings


def facts(subject: ParcelRecord, about: Listing | None = None) -> list[str]:
    return [finding.fact for finding in found(subject, about)]


def score(subject: ParcelRecord, about: Listing | None = None) -> float:
    return assess(found(subject, about), Registry(), AS_OF, subject).score


def flagged(subject: ParcelRecord, about: Listing | None = None) -> bool:
    return assess(found(subject, about), Registry(), AS_OF, subject).flagged


DUTIES = {
    "inspected_at_acceptance": "inspection-missing",
    "real_name_verified": "real-name-missing",
    "xray_screened": "xray-missing",
}


@pytest.mark.parametrize(("field", "fact"), DUTIES.items())
def test_a_duty_recorded_as_not_done_is_a_finding(field: str, fact: str) -> None:
    (finding,) = found(parcel(**{field: False}))
    assert (finding.fact, finding.field, finding.stance, finding.mark_id) == (fact, field, Stance.FOR, None)
    assert flagged(parcel(**{field: False}))


@pytest.mark.parametrize("field", DUTIES)
def test_a_duty_left_open_is_weak(field: str) -> None:
    open_duty = parcel(**{field: None})
    assert facts(open_duty) == ["duty-unrecorded"]
    assert not flagged(open_duty)
    assert 0 < score(open_duty) < score(parcel(**{field: False}))


def test_gaps_rank_by_how_many_and_how_plain() -> None:
    ranked = [
        dict.fromkeys(DUTIES, False),
        {"inspected_at_acceptance": False, "real_name_verified": False},
        {"inspected_at_acceptance": False, "real_name_verified": None},
        {"inspected_at_acceptance": False},
        {"inspected_at_acceptance": None, "real_name_verified": None},
        {"inspected_at_acceptance": None},
        {},
    ]
    scores = [score(parcel(**said)) for said in ranked]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_a_feed_that_tells_of_no_duty_says_nothing() -> None:
    assert facts(parcel(**dict.fromkeys(DUTIES))) == []


def test_duties_done_say_nothing() -> None:
    assert facts(parcel("浙江省杭州市")) == []


def test_letters_and_agreement_customers_need_no_identity_check() -> None:
    assert facts(parcel(real_name_verified=None, identity_exempt=True)) == []
    (finding,) = found(parcel(real_name_verified=False, identity_exempt=True))
    assert (finding.fact, finding.stance) == ("identity-exempt", Stance.AGAINST)
    assert facts(parcel(inspected_at_acceptance=False, identity_exempt=True)) == ["inspection-missing"]


HOME = ("浙江省金华市义乌市", "杭州转运中心", "成都转运中心")


@pytest.mark.parametrize(
    "about",
    [
        listing("海外直邮 云朵鹿奶粉"),
        listing("日本直邮云朵鹿面霜"),
        listing("香港发货 云朵鹿面霜"),
        listing(ships_from="日本"),
        listing(ships_from="Tokyo, Japan"),
        listing(ships_from="澳大利亚 悉尼"),
        listing(description="全部商品境外发货，直达手中"),
    ],
)
def test_dispatch_promised_from_abroad_and_begun_at_home(about: Listing) -> None:
    assert facts(parcel(*HOME), about) == ["overseas-claim-domestic-route"]
    assert flagged(parcel(*HOME), about)


@pytest.mark.parametrize(
    "about",
    [
        listing(),
        listing("保税仓发货 云朵鹿奶粉"),
        listing("日本进口云朵鹿面霜"),
        listing(ships_from="浙江杭州"),
        listing(ships_from="日本保税仓"),
        listing("美国队长公仔"),
    ],
)
def test_what_promises_no_dispatch_from_abroad_contradicts_nothing(about: Listing) -> None:
    assert facts(parcel(*HOME), about) == []


@pytest.mark.parametrize(
    "way",
    [
        ("日本东京", "上海转运中心"),
        ("香港", "深圳转运中心"),
        ("Incheon, Korea", "威海"),
        ("810000", "440300"),
        ("US", "CN"),
        ("新加坡", "广州"),
        ("包裹已揽收", "已发出"),  # no place at all
        (),
    ],
)
def test_a_way_that_begins_abroad_or_is_unknown_contradicts_nothing(way: tuple[str, ...]) -> None:
    assert facts(parcel(*way), listing("海外直邮 云朵鹿奶粉")) == []


@pytest.mark.parametrize(
    "place", ["330782", "330782000000", "义乌", "浙江", "CN", "Yiwu", "四川凉山州", "曹县营业部", "延边朝鲜族自治州"]
)
def test_home_is_told_from_codes_and_names(place: str) -> None:
    assert facts(parcel(place), listing("海外直邮 云朵鹿奶粉")) == ["overseas-claim-domestic-route"]


def test_origin_counts_where_no_event_is_known_and_the_destination_never() -> None:
    about = listing("海外直邮 云朵鹿奶粉")
    assert facts(parcel(origin="广东省广州市"), about) == ["overseas-claim-domestic-route"]
    assert facts(parcel(destination="广东省广州市"), about) == []
    assert facts(parcel("广州", origin="日本"), about) == []


def test_more_scans_are_surer_and_a_purchase_abroad_is_a_weaker_promise() -> None:
    direct, bought = listing("海外直邮 云朵鹿奶粉"), listing("海外代购 云朵鹿奶粉")
    ranked = [(parcel(*HOME), direct), (parcel("义乌"), direct), (parcel(*HOME), bought), (parcel(*HOME), listing())]
    scores = [score(*said) for said in ranked]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert not flagged(parcel(*HOME), bought)


def test_events_are_taken_in_order_of_time() -> None:
    late_first = parcel(*HOME)
    turned = late_first.model_copy(update={"events": late_first.events[::-1]})
    about = listing("海外直邮 云朵鹿奶粉")
    assert [finding.subject_value for finding in found(turned, about)] == [
        finding.subject_value for finding in found(late_first, about)
    ]


@pytest.mark.parametrize(
    "event", [("杭州", "清关完成"), ("广州海关", "放行"), ("上海国际交换站", ""), ("郑州", "CUSTOMS_CLEARED")]
)
def test_a_customs_event_speaks_against(event: tuple[str, str]) -> None:
    about, way = listing("海外直邮 云朵鹿奶粉"), parcel(event, *HOME)
    assert facts(way, about) == ["overseas-claim-domestic-route", "cleared-customs"]
    assert not flagged(way, about)


def test_bonded_stock_speaks_against() -> None:
    about = listing("海外直邮 云朵鹿奶粉 保税仓现货")
    assert facts(parcel(*HOME), about) == ["overseas-claim-domestic-route", "bonded-dispatch"]
    assert not flagged(parcel(*HOME), about)


def test_the_declaration_promises_too() -> None:
    assert facts(parcel(*HOME, declared_goods="海外直邮奶粉")) == ["overseas-claim-domestic-route"]


def test_listings_get_no_findings_from_parcels() -> None:
    assert DETECTOR.detect([Observation(listing("海外直邮"))], CONTEXT) == [[]]


def test_findings_read_as_sentences() -> None:
    gaps = parcel(*HOME, inspected_at_acceptance=False, real_name_verified=False, xray_screened=None)
    cleared = parcel(("杭州", "清关"), *HOME, real_name_verified=False, identity_exempt=True)
    about = listing("海外直邮 云朵鹿奶粉 保税")
    told = [*found(gaps, about), *found(cleared, about)]
    assert {finding.fact for finding in told} >= {
        "cleared-customs",
        "bonded-dispatch",
        "identity-exempt",
        "duty-unrecorded",
    }
    for finding in told:
        for language in LANGUAGES:
            sentence = explain(finding, language)
            assert sentence
            assert "{" not in sentence
