"""Printed text: what the recogniser took apart is put together, and every finding leads back to its picture and box."""

from datetime import UTC, datetime

import pytest

from detectors.trademark import MarkIndex, TrademarkDetector
from detectors.trademark.printed import printed
from models.context import Context
from models.explanations import explain
from models.findings import Finding, Observation
from models.pictures import PictureReading, PrintedWord
from models.registry import Mark, Registry
from models.subjects import Listing

CONTENT = "ab" * 32
REGISTRY = Registry(marks=(Mark(mark_id="M1", text="云师傅", nice_classes=(30,)), Mark(mark_id="M2", text="KESTRELLO")))


def word(text: str, left: int, top: int, width: int, height: int, confidence: float = 0.98) -> PrintedWord:
    box = ((left, top), (left + width, top), (left + width, top + height), (left, top + height))
    return PrintedWord(text=text, confidence=confidence, box=box)


def reading(*words: PrintedWord) -> PictureReading:
    return PictureReading(address="1.jpg", content_sha256=CONTENT, level="full", width=800, height=800, words=words)


def texts(*words: PrintedWord) -> list[str]:
    return [text.text for text in printed([reading(*words)])]


def told(*words: PrintedWord, title: str = "方便面 五连包") -> list[Finding]:
    listing = Listing(listing_id="1", platform="集市", title=title, nice_class=30)
    context = Context(
        registry=REGISTRY, as_of=datetime(2026, 3, 1, tzinfo=UTC), snapshots={"marks": MarkIndex.build(REGISTRY)}
    )
    (findings,) = TrademarkDetector().detect([Observation(listing, (reading(*words),))], context)
    return findings


def test_characters_far_apart_on_one_row_are_one_name() -> None:
    assert "云师傅" in texts(word("云", 100, 50, 40, 40), word("师", 190, 52, 40, 40), word("傅", 280, 50, 40, 40))


def test_characters_below_one_another_are_one_name() -> None:
    assert "云师傅" in texts(word("云", 50, 10, 40, 40), word("师", 52, 60, 40, 40), word("傅", 50, 112, 40, 40))


def test_a_name_in_two_lines_is_one_name() -> None:
    assert "KESTR ELLO" in texts(word("KESTR", 10, 10, 200, 50), word("ELLO", 12, 70, 160, 50))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (word("云师", 10, 10, 80, 40), word("傅", 500, 10, 40, 40)),  # far apart
        (word("云师", 10, 10, 80, 40), word("傅", 100, 300, 40, 40)),  # elsewhere
        (word("云师", 10, 10, 80, 40), word("傅", 100, 10, 120, 120)),  # in another size
    ],
)
def test_what_does_not_stand_together_is_not_joined(one: PrintedWord, other: PrintedWord) -> None:
    assert texts(one, other) == [one.text, other.text]


def test_a_line_is_read_in_every_way_that_it_goes_on() -> None:
    """Each piece by itself comes first, so a name within one line never depends on its neighbours."""
    found = texts(word("云师傅", 10, 10, 120, 40), word("方便面", 150, 10, 120, 40))
    assert found[:2] == ["云师傅", "方便面"]
    assert "云师傅方便面" in found


def test_words_that_are_hardly_readable_are_left_out() -> None:
    assert texts(word("云师傅", 10, 10, 120, 40, confidence=0.4)) == []


def test_a_look_alike_printed_on_a_bottle_is_found_and_its_box_known() -> None:
    found = [one for one in told(word("红烧云帅傅牛肉面", 100, 200, 320, 40)) if one.fact == "similar-shape"]
    assert [(one.mark_id, one.field, one.subject_value) for one in found] == [("M1", "picture", "云帅傅")]
    assert (found[0].params["picture"], found[0].params["address"]) == (CONTENT, "1.jpg")
    assert found[0].params["box"] == "180,200 300,200 300,240 180,240"
    assert "图片文字" in explain(found[0], "zh", mark="云师傅")


def test_a_name_over_two_boxes_has_a_box_around_both() -> None:
    found = [one for one in told(word("云师", 100, 10, 80, 40), word("傅", 190, 12, 40, 40)) if one.field == "picture"]
    assert found[0].subject_value == "云师傅"
    assert found[0].params["box"] == "100,10 230,10 230,52 100,52"


def test_what_is_read_is_never_made_the_mark() -> None:
    """云帅傅 is told as near, with what stands there; no finding says that 云师傅 was read."""
    found = told(word("云帅傅", 10, 10, 120, 40))
    assert {one.subject_value for one in found if one.field == "picture"} == {"云帅傅"}
    assert not [one for one in found if one.fact == "identical-mark"]


def test_a_mark_in_the_title_stands_before_the_same_mark_in_a_picture() -> None:
    found = told(word("云师傅", 10, 10, 120, 40), title="云师傅 方便面")
    assert [one.field for one in found if one.fact == "identical-mark"] == ["title", "picture"]


def test_a_line_that_runs_down_is_divided_downwards() -> None:
    box = ((10, 0), (50, 0), (50, 400), (10, 400))
    (text,) = printed([reading(PrintedWord(text="云师傅面", confidence=0.9, box=box))])
    assert text.box(1, 3) == ((10, 100), (50, 100), (50, 300), (10, 300))
