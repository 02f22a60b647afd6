"""Codes in pictures: where they lead, told by kind and host and never whole."""

from datetime import UTC, datetime
from typing import Any

import pytest

from detectors.wording import WordingDetector
from models.context import Context
from models.explanations import LANGUAGES, explain
from models.findings import Finding, Observation
from models.pictures import PictureReading, PrintedCode, PrintedWord
from models.registry import Registry
from models.subjects import Listing

BOX = ((1, 1), (91, 1), (91, 91), (1, 91))
DETECTOR = WordingDetector()


def told(*codes: tuple[str, str], words: tuple[str, ...] = (), confidence: float = 0.95, **said: Any) -> list[Finding]:
    listing = Listing.model_validate({"listing_id": "1", "platform": "集市", "title": "方便面", **said})
    reading = PictureReading(
        address="1.jpg",
        content_sha256="cd" * 32,
        level="full",
        codes=tuple(PrintedCode(kind=kind, text=text, box=BOX) for kind, text in codes),
        words=tuple(PrintedWord(text=text, confidence=confidence, box=BOX) for text in words),
    )
    context = Context(registry=Registry(), as_of=datetime(2026, 3, 1, tzinfo=UTC))
    (findings,) = DETECTOR.detect([Observation(listing, (reading,))], context)
    return findings


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("https://u.wechat.com/EIxyz123", "wechat"),
        ("http://weixin.qq.com/r/abcd", "wechat"),
        ("HTTPS://QM.QQ.COM/cgi-bin/qm/qr?k=1", "qq"),
        ("https://qr.alipay.com/fkx123", "payment"),
        ("wxp://f2f0abc", "payment"),
        ("tel:13800138000", "messenger"),
    ],
)
def test_a_way_to_the_seller_is_told_without_what_identifies_a_person(text: str, way: str) -> None:
    (finding,) = told(("qr-code", text))
    assert (finding.fact, finding.field, finding.reference_value) == ("contact-diversion", "picture", way)
    assert finding.params["box"] == "1,1 91,1 91,91 1,91"
    for language in LANGUAGES:
        assert text.rpartition("/")[2] not in explain(finding, language)
    assert "13800138000" not in finding.model_dump_json()


def test_a_page_elsewhere_is_told_for_less_than_a_contact() -> None:
    (finding,) = told(("qr-code", "https://shop.kestrello-audio.com/p/1"))
    assert (finding.fact, finding.subject_value) == ("code-leads-away", "shop.kestrello-audio.com")
    (contact,) = told(("qr-code", "https://u.wechat.com/abc"))
    assert finding.score < contact.score


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://item.taobao.com/item.htm?id=1", {}),
        ("https://www.kestrello.com/1", {"url": "https://shop.kestrello.com/p/2"}),
        ("净含量 500ml", {}),
        ("SN-2026-000123", {}),
    ],
)
def test_a_code_that_leads_nowhere_else_says_nothing(text: str, said: dict[str, Any]) -> None:
    assert told(("qr-code", text), **said) == []


def test_a_barcode_is_held_against_what_the_page_gives() -> None:
    (finding,) = told(("ean-13", "6901234567892"), gtin="6907654321098")
    assert finding.fact == "barcode-differs"
    assert told(("ean-13", "6901234567892"), gtin="06901234567892") == []
    assert told(("ean-13", "6901234567892")) == []


def test_words_and_numbers_in_a_picture_are_read_like_those_of_the_page() -> None:
    found = told(words=("顶级高仿 复刻", "微信：vxshop8888"))
    assert {(one.fact, one.field) for one in found} == {
        ("counterfeit-wording", "picture"),
        ("contact-diversion", "picture"),
    }
    assert all(one.params["picture"] == "cd" * 32 for one in found)
    assert "vxshop8888" not in "".join(one.model_dump_json() for one in found)


def test_words_that_are_hardly_readable_accuse_nobody() -> None:
    assert told(words=("顶级高仿 复刻",), confidence=0.7) == []
