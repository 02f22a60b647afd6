"""Hamming search against a plain count of bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.pictures import hamming
from detectors.pictures.hamming import HammingTable, distances, pack

WIDTHS = [64, 256]


def near_codes(bits: int, count: int, seed: int) -> list[str]:
    """Codes in clusters, so that there is something to find: each differs from its centre in up to 40 bits."""
    chance = np.random.default_rng(seed)
    centres = [int.from_bytes(chance.bytes(bits // 8), "big") for _ in range(3)]
    codes = []
    for place in range(count):
        code = centres[place % 3]
        for bit in chance.choice(bits, size=int(chance.integers(0, 41)), replace=False).tolist():
            code ^= 1 << int(bit)
        codes.append(f"{code:0{bits // 4}x}")
    return codes


def by_counting(queries: list[str], codes: list[str], radius: int) -> list[tuple[int, int, int]]:
    pairs = (
        (row, place, (int(query, 16) ^ int(code, 16)).bit_count())
        for row, query in enumerate(queries)
        for place, code in enumerate(codes)
    )
    return [pair for pair in pairs if pair[2] <= radius]


@pytest.mark.parametrize("bits", WIDTHS)
@given(queries=st.integers(0, 9), codes=st.integers(0, 200), radius=st.integers(0, 70), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_it_finds_exactly_what_counting_finds(bits: int, queries: int, codes: int, radius: int, seed: int) -> None:
    asked, known = near_codes(bits, queries, seed), near_codes(bits, codes, seed)
    near = HammingTable(pack(known, bits)).within(pack(asked, bits), radius)
    assert list(zip(*(part.tolist() for part in near), strict=True)) == by_counting(asked, known, radius)


@pytest.mark.parametrize("bits", WIDTHS)
def test_blocks_do_not_change_the_answer(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = near_codes(bits, 500, 7)
    monkeypatch.setattr(hamming, "BLOCK", 64)
    near = HammingTable(pack(codes, bits)).within(pack(codes[:40], bits), 45)
    assert list(zip(*(part.tolist() for part in near), strict=True)) == by_counting(codes[:40], codes, 45)


@pytest.mark.parametrize("bits", WIDTHS)
def test_one_code_is_enough(bits: int) -> None:
    codes = near_codes(bits, 1, 3)
    near = HammingTable(pack(codes, bits)).within(pack(codes, bits), 0)
    assert [part.tolist() for part in near] == [[0], [0], [0]]


@pytest.mark.parametrize("bits", WIDTHS)
def test_distances_to_every_code(bits: int) -> None:
    codes = near_codes(bits, 30, 5)
    expected = [(int(codes[4], 16) ^ int(code, 16)).bit_count() for code in codes]
    assert distances(pack(codes[4:5], bits)[0], pack(codes, bits)).tolist() == expected


def test_opposite_codes_differ_in_every_bit() -> None:
    ends = pack(["0" * 64, "f" * 64], 256)
    assert distances(ends[0], ends).tolist() == [0, 256]
