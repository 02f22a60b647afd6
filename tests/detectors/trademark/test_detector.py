"""The trademark detector on whole listings: what is told for, what against, where, and that nothing makes it fail."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from detectors.trademark import MarkIndex, TrademarkDetector, nearest
from detectors.trademark.sightings import seen
from detectors.triage import assess
from models.context import Context
from models.errors import ConfigurationError
from models.findings import Finding, Observation, Stance
from models.registry import AuthorisedSeller, Mark, MarkKind, MarkStatus, Registry
from models.subjects import Listing, Seller

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(
    marks=(
        Mark(mark_id="M1", text="云师傅", nice_classes=(30,)),
        Mark(mark_id="M2", text="KESTRELLO", nice_classes=(9,), aliases=("红隼",)),
        Mark(mark_id="M3", text="晴川龙井", nice_classes=(30,), kind=MarkKind.GI, origin="浙江杭州"),
        Mark(mark_id="M4", text="白鹭泉", nice_classes=(3,)),
        Mark(mark_id="M5", text="苹果", nice_classes=(9,)),
        Mark(mark_id="M6", text="青岚", nice_classes=(25,), status=MarkStatus.PENDING),
        Mark(mark_id="M7", text="晴妈", nice_classes=(30,)),
        Mark(mark_id="M8", text="云帅傅面", nice_classes=(30,)),
        Mark(mark_id="M9", text="石川", nice_classes=(7,)),
    ),
    authorised=(
        AuthorisedSeller(mark_id="M1", platform="集市", seller_name="云师傅旗舰店", valid_to=date(2026, 6, 30)),
        AuthorisedSeller(mark_id="M2", seller_id="s7"),
    ),
)
INDEX = MarkIndex.build(REGISTRY)
DETECTOR = TrademarkDetector()


def listing(title: str, seller: str = "", **said: Any) -> Listing:
    base: dict[str, Any] = {"listing_id": "1", "platform": "集市", "title": title, "seller": Seller(name=seller)}
    return Listing.model_validate({**base, **said})


def context(as_of: datetime = AS_OF) -> Context:
    return Context(registry=REGISTRY, as_of=as_of, snapshots={"marks": INDEX})


def found(title: str, seller: str = "", *, as_of: datetime = AS_OF, **said: Any) -> list[Finding]:
    (findings,) = DETECTOR.detect([Observation(listing(title, seller, **said))], context(as_of))
    return findings


def facts(mark_id: str, title: str, seller: str = "", **said: Any) -> set[str]:
    return {finding.fact for finding in found(title, seller, **said) if finding.mark_id == mark_id}


@pytest.mark.parametrize(
    ("mark_id", "title", "fact", "trick", "quote"),
    [
        ("M1", "新款云师傅牛肉面", "identical-mark", "", "云师傅"),
        ("M1", "云*师*傅牛肉面", "disguised-mark", "separator", "云*师*傅"),
        ("M1", "雲师傅牛肉面", "disguised-mark", "traditional", "雲师傅"),
        ("M1", "云帅傅牛肉面", "similar-shape", "shape", "云帅傅"),
        ("M1", "云狮富牛肉面", "similar-sound", "shape-and-sound", "云狮富"),
        ("M4", "白路泉洗衣液", "similar-sound", "sound", "白路泉"),
        ("M1", "yunshifu牛肉面", "pinyin-spelling", "pinyin", "yunshifu"),
        ("M1", "YUN SHI FU牛肉面", "pinyin-spelling", "pinyin", "YUN SHI FU"),
        ("M1", "云大师傅牛肉面", "similar-spelling", "added", "云大师傅"),
        ("M1", "师傅云牛肉面", "similar-order", "order", "师傅云"),
        ("M2", "正品 KESTRELLO 耳机", "identical-mark", "", "KESTRELLO"),
        ("M2", "ＫＥＳＴＲＥＬＬＯ耳机", "identical-mark", "", "ＫＥＳＴＲＥＬＬＯ"),
        ("M2", "红隼耳机", "alias-mark", "", "红隼"),
        ("M2", "K3STR3LL0耳机", "disguised-mark", "leet", "K3STR3LL0"),
        ("M2", "Кestrello耳机", "disguised-mark", "homoglyph", "Кestrello"),
        ("M2", "K.E.S.T.R.E.L.L.O耳机", "disguised-mark", "separator", "K.E.S.T.R.E.L.L.O"),
        ("M2", "KESTRELO耳机", "similar-spelling", "dropped", "KESTRELO"),
        ("M7", "晴女马辣酱", "split-character", "split", "晴女马"),
    ],
)
def test_what_is_told_for(mark_id: str, title: str, fact: str, trick: str, quote: str) -> None:
    (told,) = [one for one in found(title) if one.mark_id == mark_id and one.stance is Stance.FOR]
    assert (told.fact, told.params["trick"], told.subject_value) == (fact, trick, quote)
    assert told.span is not None
    assert title[slice(*told.span)] == quote
    assert told.params["nearness"] == ("similar" if fact.startswith(("similar", "pinyin", "split")) else "same")


@pytest.mark.parametrize(
    ("mark_id", "fact", "title", "said"),
    [
        ("M1", "authorised-seller", "云师傅牛肉面", {"seller": "云师傅旗舰店"}),
        ("M1", "authorised-seller", "云帅傅牛肉面", {"seller": "云师傅旗舰店"}),
        ("M2", "authorised-seller", "KESTRELLO耳机", {"seller_id": "s7", "platform": "别处"}),
        ("M1", "plain-resale", "云师傅牛肉面", {"seller": "百货"}),
        ("M2", "plain-resale", "红隼耳机", {}),
        ("M2", "nominative-use", "适用于KESTRELLO耳机的保护套", {}),
        ("M2", "nominative-use", "case for KESTRELLO Air", {}),
        ("M2", "nominative-use", "KESTRELLO耳机维修换电池", {}),
        ("M2", "second-hand", "个人闲置KESTRELLO耳机", {}),
        ("M2", "second-hand", "KESTRELLO耳机", {"condition": "refurbished"}),
        ("M1", "unrelated-goods", "云师傅轮胎", {"nice_class": 12}),
        ("M5", "common-word", "苹果5斤装新鲜水果", {}),
        ("M5", "common-word", "苹果新鲜水果", {"nice_class": 31}),
        ("M9", "word-boundary", "四川火锅底料", {"nice_class": 7}),
        ("M1", "nearer-other-mark", "云帅傅面条", {}),
        ("M6", "mark-not-in-force", "青岚连衣裙", {}),
    ],
)
def test_what_is_told_against(mark_id: str, fact: str, title: str, said: dict[str, Any]) -> None:
    seller = Seller(name=said.pop("seller", ""), id=said.pop("seller_id", ""))
    (told,) = DETECTOR.detect([Observation(listing(title, **said).model_copy(update={"seller": seller}))], context())
    against = {one.fact for one in told if one.mark_id == mark_id and one.stance is Stance.AGAINST}
    if fact == "word-boundary":
        assert against <= {fact, "unrelated-goods", "common-word", "weak-mark"}
    else:
        assert fact in against


def test_an_authorisation_holds_for_its_days_and_platform_alone() -> None:
    assert "authorised-seller" in facts("M1", "云师傅面", "云师傅旗舰店")
    assert "authorised-seller" not in facts("M1", "云师傅面", "云师傅旗舰店", as_of=datetime(2026, 7, 2, tzinfo=UTC))
    assert "authorised-seller" not in facts("M1", "云师傅面", "云师傅旗舰店", platform="别处")


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("KESTRELLO同款耳机", True),
        ("KESTRELLO家同款 耳机", True),
        ("KESTRELLO 男女同款 耳机", False),
        ("明星同款 KESTRELLO 耳机", False),
    ],
)
def test_goods_like_those_of_a_mark_are_told(title: str, said: bool) -> None:
    assert ("style-of-mark" in facts("M2", title)) is said
    assert "style-of-mark" not in facts("M1", "云师傅同款面", "云师傅旗舰店")


def test_disguise_ends_the_benefit_of_resale() -> None:
    assert "plain-resale" not in facts("M1", "云*师傅面")


@pytest.mark.parametrize(
    ("title", "contradicted"),
    [
        ("晴川龙井 福建产地直发 明前茶", True),
        ("晴川龙井 产自四川 春茶", True),
        ("晴川龙井 浙江产地直发 明前茶", False),
        ("云溟湖种植基地 晴川龙井", True),
        ("云溟湖风景 晴川龙井", False),
        ("晴川龙井 杭州特产 明前茶", False),
        ("晴川龙井 明前茶 上海发货", False),
        ("晴川龙井 明前茶", False),
    ],
)
def test_a_geographical_indication_beside_another_origin(title: str, contradicted: bool) -> None:
    assert ("gi-other-origin" in facts("M3", title)) is contradicted


@pytest.mark.parametrize(
    ("flagged", "title", "said"),
    [
        (True, "云帅傅牛肉面五连包", {"nice_class": 30}),
        (True, "云*师*傅牛肉面", {"nice_class": 30}),
        (True, "K3STR3LL0蓝牙耳机", {"nice_class": 9}),
        (True, "2024K3STRELLO蓝牙耳机", {"nice_class": 9}),
        (True, "KESTR/ELLO蓝牙耳机", {"nice_class": 9}),
        (True, "KESTRẸLLO蓝牙耳机", {"nice_class": 9}),
        (True, "云_师傅牛肉面", {"nice_class": 30}),
        (True, "晴·妈辣酱", {"nice_class": 30}),
        (True, "晴晴妈妈辣酱", {"nice_class": 30}),
        (True, "晴/妈辣酱", {"nice_class": 30}),
        (False, "晴/妈/爸 辣酱", {"nice_class": 30}),
        (False, "晴·妈·爸辣酱", {"nice_class": 30}),
        (False, "雨晴·妈咪辣酱", {"nice_class": 30}),
        (False, "晴 妈辣酱", {"nice_class": 30}),
        (False, "苹苹果果手机", {"nice_class": 9}),
        (False, "KESTRÉLLO蓝牙耳机", {"nice_class": 9}),
        (False, "KESTR-ELLO蓝牙耳机", {"nice_class": 9}),
        (True, "晴川龙井 福建产地直发", {"nice_class": 30}),
        (False, "云师傅牛肉面五连包", {"nice_class": 30}),
        (False, "云帅傅轮胎", {"nice_class": 12}),
        (False, "适用于K3STR3LLO的保护套", {"nice_class": 12}),
        (False, "云帅傅牛肉面五连包", {"nice_class": 30, "seller": Seller(name="云师傅旗舰店")}),
        (False, "老师傅牛肉面，天上有云", {"nice_class": 30}),
    ],
)
def test_what_triage_makes_of_it(flagged: bool, title: str, said: dict[str, Any]) -> None:
    subject = listing(title).model_copy(update=said)
    (told,) = DETECTOR.detect([Observation(subject)], context())
    assert assess(told, REGISTRY, AS_OF, subject).flagged is flagged


def test_the_relation_of_goods_is_read_from_class_category_or_title() -> None:
    for said, relation in (
        ({"nice_class": 30}, "same"),
        ({"nice_class": 32}, "similar"),
        ({"nice_class": 12}, "unrelated"),
        ({"category": "食品/方便面"}, "same"),
        ({}, "unknown"),
    ):
        told = [one for one in found("云师傅 正宗", **said) if one.mark_id == "M1"]
        assert {one.params["goods_relation"] for one in told} == {relation}


def test_a_shop_named_after_the_mark_is_seen_without_its_legal_form() -> None:
    (told,) = [one for one in found("牛肉面", "云师傅食品有限公司旗舰店") if one.stance is Stance.FOR]
    assert (told.fact, told.field, told.subject_value) == ("identical-mark", "seller.name", "云师傅")


@pytest.mark.parametrize(
    "title",
    [
        " ",
        "🙂🙃",
        "\u202e傅师云\u202c",
        "\x00\x01\x02",
        "云师傅" * 3000,
        "云 " * 5000,
        "a" * 10_000,
        "ﷺ" * 2000,
        "K" + "\u0301" * 5000,
        "(" * 10_000,
    ],
)
def test_no_title_makes_it_fail(title: str) -> None:
    found(title, title[:500], brand=title[:500])
    nearest(title, INDEX, REGISTRY, top=3)


@pytest.mark.parametrize("text", ["", "\ud800\udfff", "云\ud800师傅", "\udc00" * 10_000])
def test_broken_unicode_is_read_too(text: str) -> None:
    seen(text, INDEX)
    nearest(text, INDEX, REGISTRY, top=3)


def test_a_context_without_the_index_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="marks"):
        DETECTOR.detect([Observation(listing("云师傅"))], Context(registry=REGISTRY, as_of=AS_OF))


def test_nearest_ranks_without_a_threshold() -> None:
    hits = nearest("云帅傅", INDEX, REGISTRY, top=5)
    assert [hit.mark_id for hit in hits[:2]] == ["M1", "M8"]
    assert len(hits) == 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.explanation["zh"] and hit.explanation["en"] for hit in hits)
    assert nearest("kestrello", INDEX, REGISTRY, top=1)[0].mark_id == "M2"
    assert nearest("云师傅", INDEX, REGISTRY, top=1)[0].score == 1
    assert nearest("云师傅牛肉面", INDEX, REGISTRY, top=1)[0].mark_id == "M1"


@pytest.mark.parametrize("description", ["适合云师傅等牛肉面的碗。", "装得下云师傅牛肉面", "云师傅面碗"])
def test_a_description_that_names_the_mark_does_not_play_upon_it(description: str) -> None:
    told = found("面碗 适合云师傅牛肉面", description=description, nice_class=30)
    assert {finding.field for finding in told if finding.mark_id == "M1"} == {"title"}
    assert facts("M1", "面碗", description=description.replace("师", "帅"), nice_class=30) == {"similar-shape"}
