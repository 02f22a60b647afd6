"""What the wording detector tells of a page: how much of it, in which stance, with nothing personal in it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from detectors.triage.assessment import assess
from detectors.wording import WordingDetector, with_own
from models.context import Context, Snapshot
from models.findings import Evidence, Finding, Observation, Stance, signed
from models.leads import Assessment
from models.registry import AuthorisedSeller, Mark, Registry
from models.subjects import Listing

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(
    marks=(Mark(mark_id="M1", text="云师傅", nice_classes=(30,)), Mark(mark_id="M2", text="KESTRELLO")),
    authorised=(AuthorisedSeller(mark_id="M1", platform="集市", seller_name="云师傅官方旗舰店"),),
)
DETECTOR = WordingDetector()


def listing(title: str, **said: Any) -> Listing:
    return Listing.model_validate({"listing_id": "1", "platform": "集市", "title": title, **said})


def told(title: str, snapshots: dict[str, Snapshot] | None = None, **said: Any) -> list[Finding]:
    context = Context(registry=REGISTRY, as_of=AS_OF, snapshots=snapshots or {})
    (findings,) = DETECTOR.detect([Observation(listing(title, **said))], context)
    return findings


def facts(title: str, **said: Any) -> list[str]:
    return [finding.fact for finding in told(title, **said)]


def assessed(title: str, *others: tuple[str, float, str | None], **said: Any) -> Assessment:
    """The page weighed together with what other detectors would tell."""
    subject = listing(title, **said)
    more = [
        signed(
            Evidence(
                fact=fact,
                stance=Stance.AGAINST if fact == "plain-resale" else Stance.FOR,
                score=score,
                field="title",
                mark_id=mark,
                params=(("nearness", "same"), ("goods_relation", "same")),
            ),
            subject,
            detector="trademark",
            version="1",
        )
        for fact, score, mark in others
    ]
    return assess([*more, *told(title, **said)], REGISTRY, AS_OF, subject)


EXACT = (("identical-mark", 1.0, "M1"), ("plain-resale", 1.0, "M1"))


def test_of_copies_words_three_rules_at_most_are_told_and_each_once() -> None:
    findings = told("高仿 精仿 高*仿 尾单 原单 剪标 山寨 公司级")
    assert [finding.fact for finding in findings] == ["counterfeit-wording"] * 3
    assert len({finding.params["rule"] for finding in findings}) == 3


def test_words_that_overlap_are_one() -> None:
    assert [finding.params["rule"] for finding in told("原厂复刻 女包")] == ["cf-replica-made"]


def test_every_field_that_the_seller_writes_is_read_and_no_other() -> None:
    assert facts("女包", description="这是高仿") == ["counterfeit-wording"]
    assert facts("女包", attributes={"卖点": "高仿"}) == ["counterfeit-wording"]
    assert facts("女包", seller={"name": "高仿包行"}) == ["counterfeit-wording"]
    assert facts("女包", attributes={"reviews": "感觉是高仿", "用户评价": "高仿吧"}) == []
    assert told("高仿女包")[0].score > told("女包", description="这是高仿")[0].score


def test_a_denial_is_told_against_and_gives_way_to_a_plain_word() -> None:
    (denied,) = told("拒绝高仿 女包")
    assert (denied.fact, denied.stance) == ("counterfeit-word-denied", Stance.AGAINST)
    assert facts("拒绝高仿 女包", description="原厂流出") == ["counterfeit-wording"]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("看图 13812345678", "13*******78"),
        ("看图 ①③⑧①②③④⑤⑥⑦⑧", "13*******78"),
        ("看图 一三八 一二三四 五六七八", "13*******78"),
        ("看图 138-1234-5678", "13*******78"),
        ("看图 qq:123456789", "12*****89"),
        ("看图 扣扣群 12 34 56 78", "12****78"),
        ("看图 vx:abc_12345", "ab****45"),
    ],
)
def test_numbers_are_found_in_any_digits_and_told_masked(title: str, shown: str) -> None:
    findings = [finding for finding in told(title) if finding.span is None]
    assert [finding.subject_value for finding in findings] == [shown]
    assert all("12345" not in finding.model_dump_json() for finding in told(title))


@pytest.mark.parametrize(
    "title",
    [
        "6901234567892 条码",
        "订货号 213812345678",
        "QQ-300A氩弧焊枪",
        "SUQQU 13#14#111#112",
        "1.3812345678e",
        "400-123-4567",
        "规格1300*500*2000",
        "色号13/12/1/52/46/17/72",
        "款号x14090041193",
    ],
)
def test_other_numbers_are_nobodys_telephone(title: str) -> None:
    assert facts(title) == []


def test_a_shop_that_calls_itself_official_must_be_on_the_list_of_a_holder_that_keeps_one() -> None:
    (claim,) = told("方便面", seller={"name": "云师傅授权专卖店"})
    assert (claim.fact, claim.mark_id) == ("claim-official", "M1")
    assert facts("方便面", seller={"name": "云师傅官方旗舰店"}) == []
    assert facts("耳机", seller={"name": "KESTRELLO官方旗舰店"}) == []  # its holder lists nobody
    assert facts("方便面", seller={"name": "云师傅授权专卖店"}, platform="别处") == []  # nor anybody there
    assert facts("方便面", seller={"name": "云师傅小吃店"}) == []
    assert facts("方便面", seller={"name": "云师傅傅官方旗舰店"}) == []


def test_own_rules_come_with_the_context() -> None:
    own = '[[rules]]\nid = "own"\nfact = "counterfeit-wording"\nscore = 0.8\nwords = ["蓝标版"]\n'
    own += 'basis = "b"\nsource = "s"\nexample = "e"\n'
    rules = with_own({"own.toml": own})
    assert [f.params["rule"] for f in told("蓝标版 女包", {"wording": rules})] == ["own"]
    assert told("蓝标版 女包") == []


@pytest.mark.parametrize("words", ["高仿", "超A", "原单", "莆田鞋", "过专柜", "高*仿"])
def test_one_sure_word_beside_an_exact_mark_is_flagged(words: str) -> None:
    assert assessed(f"云师傅 {words}", *EXACT).flagged


@pytest.mark.parametrize(
    "words", ["复刻", "支持扫码", "水货", "顶配", "私聊", "加V", "拒绝高仿", "全网第一", "降血糖", "人民大会堂特供"]
)
def test_these_words_beside_an_exact_mark_are_not(words: str) -> None:
    assert not assessed(f"云师傅 {words}", *EXACT).flagged


def test_two_half_sure_words_beside_an_exact_mark_are() -> None:
    assert assessed("云师傅 复刻 支持扫码", *EXACT).flagged


def test_words_alone_never_flag_however_many() -> None:
    assert not assessed("高仿 尾单 剪标 山寨 公司级 过专柜 同厂同线 懂的来").flagged


def test_two_sure_words_and_a_way_off_the_platform_flag_without_a_mark_and_without_a_cell() -> None:
    lead = assessed("高仿 尾单 女包 加V看图")
    assert lead.flagged
    assert lead.cell is None
    assert lead.mark_id is None
    assert not assessed("高仿 女包 加V看图").flagged


def test_a_forbidden_claim_is_a_matter_of_its_own_law() -> None:
    alone = assessed("苦荞茶 降血糖")
    assert alone.flagged
    assert (alone.mark_id, alone.cell) == (None, None)
    beside = assessed("云师傅 苦荞茶 降血糖 人民大会堂特供 全网第一", *EXACT)
    assert beside.score == assessed("云师傅 苦荞茶", *EXACT).score
    copied = assessed("高仿 苦荞茶 降血糖")
    assert copied.score == assessed("高仿 苦荞茶").score
    assert not assessed("全网第一 国家免检产品 七天见效 茶").flagged


def test_a_promise_changes_no_score() -> None:
    assert assessed("云师傅 面条 假一赔十", *EXACT).score == assessed("云师傅 面条", *EXACT).score
