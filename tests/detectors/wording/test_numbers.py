"""Numbers of patents, licences and certificates: honest ways of writing them, slips, and what tables say."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from detectors.check_digits import mod11_10, patent_check, uscc_check
from detectors.triage.assessment import assess
from detectors.wording import WordingDetector
from detectors.wording.lines import Line
from detectors.wording.numbers import canonical, stated_numbers
from models.context import Context
from models.findings import Finding, Observation
from models.public_records import NumberRecord, PublicRecords
from models.registry import Registry
from models.subjects import Listing

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
TABLE = PublicRecords(
    numbers=(
        NumberRecord(
            kind="patent",
            number="ZL201710601862.3",
            holder="晴川日化有限公司",
            product="护手霜",
            valid_to=date(2037, 7, 1),
        ),
        NumberRecord(
            kind="pesticide", number="PD20081234", holder="白鹭泉农化", product="吡虫啉", valid_to=date(2023, 12, 1)
        ),
    )
)


def read(text: str, field: str = "description") -> list[tuple[str, str, str]]:
    return [(number.kind.id, number.number, number.fault) for number in stated_numbers(Line(field, text))]


def told(table: PublicRecords = TABLE, **said: Any) -> list[Finding]:
    listing = Listing.model_validate({"listing_id": "1", "platform": "集市", "title": "商品", **said})
    context = Context(registry=Registry(), as_of=AS_OF, snapshots={"public-records": table})
    (findings,) = WordingDetector().detect([Observation(listing)], context)
    assert not assess(findings, Registry(), AS_OF, listing).flagged  # papers never flag alone
    return findings


def facts(**said: Any) -> list[str]:
    return [finding.fact for finding in told(**said)]


def test_check_digits_of_published_examples() -> None:
    assert patent_check("201710601862") == "3"
    assert patent_check("95115608") == "x"
    assert mod11_10("0794") == "5"  # the example of ISO 7064
    assert uscc_check("91350100M000100Y4") == "3"  # the example of GB 32100-2015


@pytest.mark.parametrize(
    "text",
    [
        "专利号ZL201710601862.3",
        "专利号：ZL 2017 1 0601862.3",
        "ZL２０１７１０６０１８６２．３",
        "zl201710601862·3 防伪",
        "ZL201710601862-3",
        "ZL 201710601862.3 500ml*2",
        "ZL201710601862 500ml",
        "ZL201710601862",
        "专利号为201710601862.3",
    ],
)
def test_honest_ways_of_writing_a_number_are_one_number(text: str) -> None:
    assert read(text) == [("patent", "201710601862", "")]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("patent", "ZL95115608.X"),
        ("food", "生产许可证编号：SC1019 9009 9000 13"),
        ("food", "SC10199009900013"),
        ("pesticide", "农药登记证号：PD20081234"),
        ("pesticide", "PD20081234F030012"),
        ("pesticide", "WP20080001"),
        ("disinfectant", "鲁卫消证字(2018)第0012号"),
        ("disinfectant", "（粤）卫消证字【2019】第0123号"),
        ("cosmetics", "国妆特字G20191234"),
        ("cosmetics", "国妆特字20211234"),
        ("cosmetics", "国妆特进字J20191234"),
        ("cosmetics", "国妆网备进字(沪)2019001234"),
        ("cosmetics", "粤G妆网备字2019123456"),
        ("medical-device", "国械注准20173401234"),
        ("medical-device", "粤械注准20182660123"),
        ("medical-device", "粤穗械备20150001号"),
        ("health-food", "国食健注G20160001"),
        ("health-food", "食健备G201744000123"),
        ("drug", "国药准字H20051234"),
        ("ccc", "3C证书编号：2016010901123456"),
        ("seed", "国审玉20190001"),
        ("plant-variety", "CNA20161234.5"),
        ("gi", "AGI00123"),
    ],
)
def test_each_kind_is_read_without_fault(kind: str, text: str) -> None:
    assert [(found, fault) for found, _, fault in read(text)] == [(kind, "")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ZL201710601862.4", "check-digit"),
        ("ZL2017106018.3", "form"),
        ("ZL201770601862.3", "form"),
        ("SC10199009900014 配料", "check-digit"),
        ("SC101990099000 配料", "form"),
        ("国药准字H2005123", "form"),
        ("国械注准2017340123", "form"),
    ],
)
def test_slips_and_inventions_are_malformed(text: str, fault: str) -> None:
    assert [found for _, _, found in read(text)] == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "SC1207 耳机",
        "GPD-3303 电源",
        "色号PD03",
        "ZL20171060****",
        "ZL2017...",
        "3C数码",
        "AGI 显卡",
        "国妆正品",
        "USC3.0 SC12",
        "PD快充20W",
    ],
)
def test_models_masked_numbers_and_words_are_no_numbers(text: str) -> None:
    assert read(text) == []


def test_a_title_that_was_cut_off_says_nothing() -> None:
    assert read("护手霜 ZL2017106018", "title") == []
    assert read("护手霜 ZL2017106018 正品", "title") == [("patent", "2017106018", "form")]


def test_tables_know_a_number_however_they_write_it() -> None:
    for written in ("ZL201710601862.3", "201710601862.3", "ZL 2017 1 0601862", "201710601862"):
        assert canonical("patent", written) == "201710601862"


def test_what_the_table_says() -> None:
    patent = "专利 ZL201710601862.3"
    assert facts(title="晴川护手霜", description=patent) == ["number-confirmed"]
    assert facts(title="菜刀", description=patent) == ["number-mismatch"]
    assert facts(title="护手霜", description=patent, attributes={"专利权人": "鹿鸣谷公司"}) == ["number-mismatch"]
    assert facts(title="护手霜", description=patent, attributes={"专利权人": "晴川日化"}) == ["number-confirmed"]
    assert facts(title="吡虫啉", description="PD20081234 ") == ["number-expired"]
    assert facts(title="护手霜", description="ZL201510958772.0") == ["number-unknown"]
    assert facts(title="锅", description="国械注准20173401234") == []  # no table of that kind


def test_a_missing_number_is_told_of_pages_with_details_alone() -> None:
    assert facts(title="除草剂", category="农资/农药") == []
    detailed = {
        "title": "除草剂",
        "category": "农资/农药",
        "description": "高效低毒，适用于玉米田苗后除草，按说明书使用。" * 3,
    }
    assert facts(**detailed) == ["number-missing"]
    assert facts(**{**detailed, "description": detailed["description"] + " PD20191234 "}) == ["number-unknown"]
