"""The shipped shape table: whom it tells of, on which scale, and that readers' look-alikes stand out in it."""

import random
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from detectors.trademark.tables import SHAPE_FLOOR, STRONGLY_ALIKE, glyph_neighbours

FOLDER = Path(str(resources.files("detectors.trademark").joinpath("data")))
KNOWN, _, WANTED = Path(__file__).with_name("look_alikes.txt").read_text("utf-8").partition("# wanted")
RANDOM_PAIRS = 20_000
NEIGHBOURS_AT_MOST = 100
STRONG_AT_MOST = 30
BYTES_AT_MOST = 2_000_000


def pairs(text: str) -> list[str]:
    return [pair for line in text.splitlines() if not line.startswith("#") for pair in line.split()]


def likeness(pair: str) -> float:
    return glyph_neighbours().get(pair[0], {}).get(pair[1], 0.0)


def of_gb2312() -> set[str]:
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return {cell.decode("gb2312", "ignore") for cell in cells} - {""}


def test_it_tells_of_every_character_in_use_and_of_traditional_ones() -> None:
    with np.load(FOLDER / "glyphs.npz") as arrays:
        signs = [chr(code) for code in arrays["characters"]]
    assert of_gb2312() < set(signs)
    assert set("傅師帥雲馬龍鳳國學體") < set(signs)
    assert signs == sorted(set(signs))
    assert 8_000 <= len(signs) <= 20_000


def test_it_is_symmetric_within_its_range_and_tells_no_character_of_itself() -> None:
    near = glyph_neighbours()
    assert all(near[other][one] == score for one, others in near.items() for other, score in others.items())
    assert all(SHAPE_FLOOR / 255 - 0.001 <= score <= 1 for others in near.values() for score in others.values())
    assert not any(one in others for one, others in near.items())


def test_it_stays_small_because_every_neighbour_costs_the_index() -> None:
    counts = [len(others) for others in glyph_neighbours().values()]
    strong = [sum(score >= STRONGLY_ALIKE for score in others.values()) for others in glyph_neighbours().values()]
    assert max(counts) <= NEIGHBOURS_AT_MOST
    assert sum(counts) / len(counts) <= 16
    assert max(strong) <= STRONG_AT_MOST
    assert (FOLDER / "glyphs.npz").stat().st_size <= BYTES_AT_MOST


def test_what_readers_confuse_outranks_what_they_do_not() -> None:
    assert len(pairs(KNOWN)) >= 60
    draw = random.Random(3)
    signs = sorted(of_gb2312())
    unlike = sorted(likeness("".join(draw.sample(signs, 2))) for _ in range(RANDOM_PAIRS))
    best_of_thousand = unlike[-RANDOM_PAIRS // 1000]
    assert best_of_thousand < STRONGLY_ALIKE
    outranked = [pair for pair in pairs(KNOWN) if likeness(pair) <= best_of_thousand]
    assert len(outranked) <= len(pairs(KNOWN)) * 0.1, outranked


@pytest.mark.parametrize("pair", pairs(KNOWN))
def test_a_look_alike_outranks_all_characters_drawn_by_lot(pair: str) -> None:
    draw = random.Random(pair)
    others = [sign for sign in draw.sample(sorted(of_gb2312()), 60) if sign not in pair]
    assert likeness(pair) == likeness(pair[::-1]) > 0
    assert sum(likeness(pair[0] + other) >= likeness(pair) for other in others) <= 1


@pytest.mark.parametrize(
    ("nearer", "further"),
    [
        ("未末", "未本"),
        ("己已", "己乙"),
        ("师帅", "师币"),
        ("傅博", "傅搏"),
        ("日曰", "日田"),
        ("土士", "土工"),
        ("兔免", "兔鬼"),
        ("戊戌", "戊戈"),
        ("刺剌", "刺制"),
        ("晴睛", "晴清"),
        ("茶荼", "茶荣"),
        ("冷泠", "冷怜"),
        ("壁璧", "壁臂"),
    ],
)
def test_the_nearer_of_two_look_alikes_stands_first(nearer: str, further: str) -> None:
    assert likeness(nearer) > likeness(further)


@pytest.mark.xfail(strict=True)
@pytest.mark.parametrize("pair", pairs(WANTED))
def test_look_alikes_that_the_table_ought_to_know(pair: str) -> None:
    assert likeness(pair) > 0
