"""Bad input costs work in step with its length: operations are counted, not seconds.

Counted are the elements read, the windows taken, the keys asked and the pairs brought to the comparators.
"""

from collections import Counter
from typing import Any

import pytest

from detectors.trademark import MarkIndex, TrademarkDetector
from detectors.trademark import candidates as room
from detectors.trademark import sightings as judging
from detectors.trademark.candidates import Candidates
from detectors.trademark.readings import Readings, read
from detectors.trademark.search import Search
from detectors.trademark.windows import Windows
from detectors.trademark.windows import windows as made_windows
from models.context import Context
from models.findings import Observation
from models.registry import Mark, Registry
from models.subjects import Listing
from tests.detectors.trademark.test_segments import TODAY

MARKS = Registry(
    marks=tuple(
        Mark(mark_id=f"M{number}", text=text)
        for number, text in enumerate(("晴川鹿", "云朵鹿", "晴晴", "kestrello", "aaaa", "aaaaaaaaa", "川晴川晴", "88"))
    )
)
HALF = 900  # code points; texts of twice as many are still read whole
HOSTILE = {
    "nothing but spaces": " ",
    "characters": "晴川云朵鹿",
    "one character": "晴",
    "letters": "a",
    "words": "kestrello ",
    "pairs seen as one": "rnvv",
    "emoji": "🙂👨‍👩‍👧",
    "controls and directions": "\u202e川\u202c\x00晴\u200b",
    "lone surrogates": "\ud800晴\udc00",
    "digits": "8",
    "signs": "*·",
    "expanding": "ﷺ",
    "accents": "e\u0301",
}
LENGTHS = (HALF, 2 * HALF, 10_000)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What has been done since, by kind."""
    done: Counter[str] = Counter()
    plain_windows, plain_candidates, plain_ask = made_windows, room.candidates, Search._ask

    def windows(readings: Readings) -> Windows:
        spans = plain_windows(readings)
        done.update(elements=len(readings), windows=len(spans.start))
        return spans

    def candidates(readings: Readings, index: MarkIndex) -> Candidates:
        found = plain_candidates(readings, index)
        done.update(pairs=len(found))
        return found

    def ask(search: Search, table: int, window: Any, keys: Any) -> None:
        done.update(keys=len(keys))
        plain_ask(search, table, window, keys)

    monkeypatch.setattr(room, "windows", windows)
    monkeypatch.setattr(judging, "candidates", candidates)
    monkeypatch.setattr(Search, "_ask", ask)
    monkeypatch.setattr("detectors.trademark.compiled.available", lambda: False)  # the plain path counts its keys
    return done


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_text_is_at_most_twice_the_work_and_a_bit(unit: str, work: Counter[str]) -> None:
    index = MarkIndex.build(MARKS)
    spent = []
    for length in LENGTHS:
        work.clear()
        title = (unit * length)[:length]
        TrademarkDetector().detect(
            [Observation(Listing.model_construct(**{**BLANK, "title": title}))],
            Context(registry=MARKS, as_of=TODAY, snapshots={"marks": index}),
        )
        spent.append(dict(work))
    once, twice, longest = spent
    for kind, count in twice.items():
        assert count <= 2.1 * once[kind] + 200, kind
        assert longest[kind] <= 12 * once[kind] + 1000, kind
        assert count <= 1600 * 2 * HALF, kind  # of each code point


@pytest.mark.parametrize("title", ["", "晴", "a", "\u202e", "\ud800", "🙂"], ids=ascii)
def test_a_title_of_nothing_or_one_sign_asks_nothing(title: str, work: Counter[str]) -> None:
    context = Context(registry=MARKS, as_of=TODAY, snapshots={"marks": MarkIndex.build(MARKS)})
    listing = Listing.model_construct(**{**BLANK, "title": title})
    assert TrademarkDetector().detect([Observation(listing)], context) == [[]]
    assert work["elements"] <= 1
    assert work["windows"] == work["keys"] == work["pairs"] == 0


def test_work_that_grows_faster_than_the_text_would_be_caught(
    work: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detectors.trademark.windows.PIECES", 10_000)
    monkeypatch.setattr("detectors.trademark.windows.LONGEST", 10_000)
    index = MarkIndex.build(MARKS)
    spent = []
    for length in (100, 200):
        work.clear()
        room.candidates(read(["晴川云朵鹿" * (length // 5)]), index)
        spent.append(work["windows"])
    assert spent[1] > 2.1 * spent[0] + 200


BLANK = dict(Listing(listing_id="1", platform="p", title="x"))
