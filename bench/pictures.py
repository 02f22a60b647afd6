"""Pictures: how many are read a second, and how fast a million hashes are searched.
`python -m bench.pictures [--data FOLDER]`

With the folder of given data, its photographs at 800 x 800 are hashed beside the made-up ones, whose fine grain costs a
decoder more.

Every arm sees the same fresh pictures or codes, arms are taken in turn, and the median of the rounds counts. The
baseline is what one would pick instead: Pillow with imagehash, pdqhash, and faiss, the last two where they are
installed (`pip install faiss-cpu pdqhash`).
"""

import argparse
import io
import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import imagehash
import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits

from detectors.pictures.hamming import HammingTable
from detectors.pictures.multi_index import HammingIndex, hamming_arrays
from detectors.pictures.pdq import pdq
from streams.pictures import PictureReader
from streams.pictures.decoding import WORKING_SIDE, opened, prepare

try:  # what one would pick instead; installed for the bench alone
    import faiss
    import pdqhash
except ImportError:
    faiss = pdqhash = None

ROUNDS = 5
PICTURES = 40
SIDE = 800
CODES = 1_000_000
QUERIES = 40


def run(data: Path | None = None) -> dict[str, float]:
    """The figures, by name: rates are per second, times in milliseconds, bits out of the hash's width."""
    prepare(40_000_000)
    with threadpool_limits(1):  # one core an arm, whatever else runs
        return _run(data)


def _run(data: Path | None) -> dict[str, float]:
    found = reading() | hashing("made up", [_made_up(seed) for seed in range(PICTURES // 2)])
    if data is not None:
        found |= hashing("photographs", _photographs(data))
    for bits, radius in ((64, 10), (256, 31)):
        for skewed in (False, True):
            found |= searching(bits, radius, codes=CODES, skewed=skewed)
    return found


def reading() -> dict[str, float]:
    """One picture at a time, from bytes to hashes, in the limited process; and Pillow with imagehash in this one."""
    pictures = [_made_up(seed) for seed in range(PICTURES)]
    with PictureReader() as reader:
        reader.read("", pictures[0])
        readings = [reader.read("", data) for data in pictures]
        arms: dict[str, Callable[[bytes], object]] = {
            "pictures read/s (two hashes, mirrored too, in a limited process)": lambda data: reader.read("", data),
            "pictures read/s to level full (corners too)": lambda data: reader.read("", data, "full"),
            "pictures opened by Pillow and hashed by imagehash phash/s": _baseline,
        }
        figures = _rates(arms, pictures)
    drift = [
        (int(reading.hashes["phash-64"], 16) ^ int(str(_baseline(data)), 16)).bit_count()
        for reading, data in zip(readings, pictures, strict=True)
    ]
    return figures | {
        "bits of 64 from stock phash, median": statistics.median(drift),
        "bits of 64 from stock phash, most": max(drift),
    }


def hashing(kind: str, pictures: list[bytes]) -> dict[str, float]:
    """One hash of one 800 x 800 JPEG, in this process, on either side: what decoding by its own reduction spares."""
    arms: dict[str, Callable[[bytes], object]] = {
        "pHash: reduced decode": lambda data: imagehash.phash(_small(data)),
        "pHash: Pillow open and imagehash": _baseline,
        "PDQ: reduced decode": lambda data: pdq(np.asarray(_small(data).convert("L"))),
    }
    if pdqhash is not None:
        arms["PDQ: full decode and pdqhash"] = lambda data: pdqhash.compute(
            np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        )
    figures = {f"{kind}, {name}, ms": 1000 / rate for name, rate in _rates(arms, pictures).items()}
    for named, stock in (("pHash", "Pillow open and imagehash"), ("PDQ", "full decode and pdqhash")):
        if f"{kind}, {named}: {stock}, ms" in figures:
            ratio = figures[f"{kind}, {named}: {stock}, ms"] / figures[f"{kind}, {named}: reduced decode, ms"]
            figures[f"{kind}, {named}: times faster than {stock}"] = ratio
    return figures


def _small(data: bytes) -> Image.Image:
    return opened(data, 40_000_000, WORKING_SIDE)[1]


def searching(bits: int, radius: int, *, codes: int, skewed: bool) -> dict[str, float]:
    """One query among many codes: the tables, the plain count, and faiss IndexBinaryFlat where it is installed. All
    arms see the same fresh queries, in turn; the answers are compared."""
    known = _skewed(codes, bits) if skewed else _even(codes, bits)
    index, table = HammingIndex(known, hamming_arrays(known)), HammingTable(known)
    flat = _faiss(known, bits)
    chance = np.random.default_rng(bits)
    asked = known[chance.choice(codes, QUERIES, replace=False)] ^ np.uint64(0b101)
    index.within(known[:1], radius)
    times: dict[str, list[float]] = {"tables": [], "count of all": [], "faiss flat": []}
    for query in asked:
        found = {}
        arms: list[tuple[str, Callable[[Any], Any]]] = [
            ("tables", lambda one: index.within(one, radius).code),
            ("count of all", lambda one: table.within(one, radius).code),
        ]
        if flat is not None:
            arms.append(("faiss flat", lambda one: flat.range_search(one.view(np.uint8), radius + 1)[2]))
        for name, arm in arms:
            started = perf_counter()
            found[name] = np.sort(arm(query[None]))
            times[name].append(perf_counter() - started)
        assert all(np.array_equal(found["tables"], other) for other in found.values())
    kind = "skewed" if skewed else "random"
    return {
        f"{codes // 1_000_000}M {kind} codes of {bits} bits: {name}, ms": statistics.median(taken) * 1000
        for name, taken in times.items()
        if taken
    }


def _faiss(codes: np.ndarray, bits: int) -> Any:
    if faiss is None:
        return None
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexBinaryFlat(bits)
    flat.add(codes.view(np.uint8).reshape(len(codes), bits // 8))
    return flat


def _rates(arms: dict[str, Callable[[bytes], object]], pictures: list[bytes]) -> dict[str, float]:
    """Pictures a second, the median of the rounds, arms taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in arms}
    for _ in range(ROUNDS):
        for name, arm in arms.items():
            started = perf_counter()
            for data in pictures:
                arm(data)
            times[name].append(perf_counter() - started)
    return {name: len(pictures) / statistics.median(taken) for name, taken in times.items()}


def _baseline(data: bytes) -> imagehash.ImageHash:
    return imagehash.phash(Image.open(io.BytesIO(data)))


def _photographs(data: Path) -> list[bytes]:
    """Photographs of goods at 800 x 800, as a shop's page would have them: some 75 KiB."""
    found = []
    for kind in ("iconic", "natural"):
        for path in sorted((data / "img_grocery_packages" / kind).glob("*.jpg"))[: PICTURES // 2]:
            kept = io.BytesIO()
            Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(
                kept, "JPEG", quality=85
            )
            found.append(kept.getvalue())
    return found


def _made_up(seed: int) -> bytes:
    """A JPEG of about 150 KiB: soft colours under fine grain, which costs a decoder twice what a photograph does."""
    chance = np.random.default_rng(seed)
    coarse = Image.fromarray(chance.integers(0, 256, (40, 40, 3), dtype=np.uint8)).resize(
        (SIDE, SIDE), Image.Resampling.BICUBIC
    )
    grained = np.asarray(coarse).astype(np.float64) + chance.normal(0, 8, (SIDE, SIDE, 3))
    kept = io.BytesIO()
    Image.fromarray(np.clip(grained, 0, 255).astype(np.uint8)).save(kept, "JPEG", quality=85)
    return kept.getvalue()


def _even(codes: int, bits: int) -> np.ndarray:
    return np.random.default_rng(bits + 1).integers(0, 2**64, (codes, bits // 64), dtype=np.uint64)


def _skewed(codes: int, bits: int) -> np.ndarray:
    """Codes as hashes of pictures lie: twelve bits of each word lean to one side, and half of all lie about ten
    thousand centres, a bit in sixteen away from theirs."""
    chance = np.random.default_rng(bits + 2)
    found = _even(codes, bits)
    leaning = np.uint64(0x1111111111111000)
    found &= ~leaning | (_even(codes, bits) & chance.integers(0, 2**64, found.shape, dtype=np.uint64))
    half = codes // 2
    centres = found[chance.integers(half, half + 10_000, half)]
    noise = np.full(centres.shape, 2**64 - 1, dtype=np.uint64)
    for _ in range(4):
        noise &= chance.integers(0, 2**64, noise.shape, dtype=np.uint64)
    found[:half] = centres ^ noise
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of given data, for photographs")
    parser.add_argument("--large", action="store_true", help="ten million codes too: two gigabytes, some minutes")
    given = parser.parse_args()
    figures = run(given.data)
    if given.large:
        figures |= searching(64, 10, codes=10_000_000, skewed=False)
        figures |= searching(64, 10, codes=10_000_000, skewed=True)
    for name, figure in figures.items():
        print(f"{figure:12.3f}  {name}")


if __name__ == "__main__":
    main()
