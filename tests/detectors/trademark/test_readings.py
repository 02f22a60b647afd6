"""Readings: folding with an exact way back to the original, for any string there is."""

import pytest

from detectors.trademark.disguises import folded
from detectors.trademark.readings import READ_LIMIT, read
from detectors.trademark.windows import LONGEST, PIECES, windows

HOSTILE = [
    "",
    " ",
    "\ud800\udfff晴\udc00",
    "\u202e川晴\u202c\u200b\ufeff",
    "\x00\x01\x1f",
    "🙂🙃👨‍👩‍👧",
    "e\u0301" * 50,
    "ﷺ㍿ﬃ",
    "\U0010ffff",
    "晴" * 10_000,
    "a" * 10_000,
    "a " * 5_000,
    "rn" * 4_000,
]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("ＫＥＳＴＲＥＬＬＯ", "kestrello"),
        ("雲朵鹿", "云朵鹿"),
        ("云*朵·鹿", "云朵鹿"),
        ("K3STR3LL0", "kestrello"),
        ("modern", "modem"),
        ("VVAVE", "wave"),
        ("Кestrello", "kestrello"),
        ("玖州", "九州"),
        ("🄺🄴🅂🅃", "kest"),
        ("é", "e"),
        ("\u202e晴\u200b川", "晴川"),
    ],
)
def test_folding(text: str, shape: str) -> None:
    assert "".join(map(chr, read([text]).shape.tolist())) == folded(text) == folded(shape)


@pytest.mark.parametrize("text", HOSTILE)
def test_any_string_is_read_with_a_way_back(text: str) -> None:
    readings = read([text, "晴川", text])
    for first, last in zip(readings.first[:-1].tolist(), readings.first[1:].tolist(), strict=True):
        start, end = readings.start[first:last].tolist(), readings.end[first:last].tolist()
        assert start == sorted(start)
        assert all(0 <= low < high <= len(text) or text == "" for low, high in zip(start, end, strict=True)) or last
    assert "".join(map(chr, readings.shape[readings.text == 1].tolist())) == "晴川"


@pytest.mark.parametrize("text", HOSTILE)
def test_work_is_bounded_by_the_length_read(text: str) -> None:
    """Operations are counted, not seconds: elements, and windows that are asked for."""
    readings = read([text])
    assert len(readings) <= 18 * READ_LIMIT
    assert len(windows(readings).start) <= PIECES * len(readings)
    assert (windows(readings).length <= LONGEST).all()


def test_each_code_point_is_found_again() -> None:
    text = "新 雲*朵（鹿）rn K3"
    readings = read([text])
    pieces = [text[start:end] for start, end in zip(readings.start.tolist(), readings.end.tolist(), strict=True)]
    assert pieces == ["新", "雲", "朵", "鹿", "rn", "K", "3"]


def test_names_begin_at_characters_words_capitals_and_numbers() -> None:
    text = "iPhone15手机max case"
    readings = read([text])
    opens = [
        text[start] for start, open_ in zip(readings.start.tolist(), readings.opens.tolist(), strict=True) if open_
    ]
    assert opens == ["i", "P", "1", "手", "机", "m", "c"]
