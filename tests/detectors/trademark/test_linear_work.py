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
from detectors.trademark.readings import Readings
from detectors.trademark.search import Search
from detectors.trademark.windows import Windows
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
    plain_windows, plain_candidates, plain_keys = room.windows, judging.candidates, Search.keys

    def windows(readings: Readings) -> Windows:
        spans = plain_windows(readings)
        done.update(elements=len(readings), windows=len(spans.start))
        return spans

    def candidates(readings: Readings, index: MarkIndex) -> Candidates:
        found = plain_candidates(readings, index)
        done.update(pairs=len(found))
        return found

    def keys(search: Search, window: Any, asked: Any) -> None:
        done.update(keys=len(asked))
        plain_keys(search, window, asked)

    monkeypatch.setattr(room, "windows", windows)
    monkeypatch.setattr(judging, "candidates", candidates)
    monkeypatch.setattr(Search, "keys", keys)
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


BLANK = dict(Listing(listing_id="1", platform="p", title="x"))
