"""Multi-index search against a plain count of bits: nothing within the radius is missed, on either path."""

from pathlib import Path

import numpy as np
import pytest

from detectors.pictures import compiled, multi_index
from detectors.pictures.hamming import HammingTable, Words
from detectors.pictures.multi_index import HammingIndex, hamming_arrays

PATHS = ["plain", *(["compiled"] if compiled.kernels(compiled.WORTH_FROM) else [])]


def codes(count: int, words: int, *, skewed: bool, seed: int = 0) -> Words:
    """Even codes, or codes in clusters whose bits lean to one side, as hashes of real pictures are."""
    chance = np.random.default_rng(seed)
    even = chance.integers(0, 2**64, (count, words), dtype=np.uint64)
    if not skewed:
        return even
    centres = even[chance.zipf(1.4, count) % max(1, count // 100)] & ~np.uint64(0x00FF00FF00FF00FF)
    noise = np.full((count, words), 2**64 - 1, dtype=np.uint64)
    for _ in range(4):
        noise &= chance.integers(0, 2**64, noise.shape, dtype=np.uint64)
    return centres ^ noise


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(compiled, "WORTH_FROM", 0 if request.param == "compiled" else 1 << 60)
    return str(request.param)


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize(("words", "radius"), [(1, 10), (1, 0), (1, 23), (4, 31), (4, 47), (4, 48)])
def test_it_finds_exactly_what_counting_finds(path: str, words: int, radius: int, skewed: bool) -> None:
    known = codes(30_000, words, skewed=skewed)
    asked = known[::1500].copy()
    asked[::2] ^= np.uint64(0x8000100000000421)  # five bits away
    index = HammingIndex(known, hamming_arrays(known))
    expected = HammingTable(known).within(asked, radius)
    for told, counted in zip(index.within(asked, radius), expected, strict=True):
        assert np.array_equal(told, counted)
    assert len(expected.code) >= len(asked) // 2


def test_codes_at_every_distance_are_found_up_to_the_radius(path: str) -> None:
    """Each bit of each piece is tried: a code that differs by a run of bits anywhere."""
    known = codes(25_000, 1, skewed=False)
    query = known[:1]
    planted = [
        int(query[0, 0]) ^ sum(1 << ((first + bit) % 64) for bit in range(many))
        for many in range(12)
        for first in range(64)
    ]
    known[100 : 100 + len(planted), 0] = np.array(planted, dtype=np.uint64)
    near = HammingIndex(known, hamming_arrays(known)).within(query, 10)
    assert set(range(100, 100 + 11 * 64)) <= set(near.code.tolist())
    assert not set(range(100 + 11 * 64, 100 + 12 * 64)) & set(near.code.tolist())


def test_a_sharing_out_that_misses_something_is_noticed(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: one bit less shared out, and codes at the radius are lost."""
    owner, name = (multi_index, "_shared_out") if path == "plain" else (compiled.kernels(10**6), "shared_out")
    shared_out = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *given: shared_out(*given[:-1], given[-1] - 1))
    known = codes(25_000, 1, skewed=False)
    query = known[:1]
    chance = np.random.default_rng(4)
    for place in range(100, 2100):
        bits = chance.choice(64, 10, replace=False).tolist()
        known[place, 0] = np.uint64(int(query[0, 0]) ^ sum(1 << bit for bit in bits))
    told = HammingIndex(known, hamming_arrays(known)).within(query, 10).code
    assert len(told) < len(HammingTable(known).within(query, 10).code)


@pytest.mark.parametrize("count", [0, 1, 500])
def test_few_codes_need_no_tables(count: int) -> None:
    known = codes(count, 4, skewed=False)
    assert hamming_arrays(known) == {}
    near = HammingIndex(known, {}).within(known[:1], 31)
    assert near.code.tolist() == ([0] if count else [])


def test_tables_serve_from_a_map_of_a_file(path: str, tmp_path: Path) -> None:
    known = codes(25_000, 1, skewed=True)
    for name, array in hamming_arrays(known).items():
        np.save(tmp_path / f"{name}.npy", array)
    tables = {file.stem: np.load(file, mmap_mode="r") for file in tmp_path.iterdir()}
    near = HammingIndex(known, tables).within(known[:3], 10)
    assert np.array_equal(near.code, HammingTable(known).within(known[:3], 10).code)
