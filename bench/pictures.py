"""Pictures: how many are read a second, and how fast a million hashes are searched. `python -m bench.pictures`

Every arm sees the same fresh pictures or codes, arms are taken in turn, and the median of the rounds counts. The
baseline is what one would write first: open with Pillow, hash with imagehash, subtract hash by hash in a loop.
"""

import io
import statistics
from collections.abc import Callable
from time import perf_counter

import imagehash
import numpy as np
from PIL import Image

from detectors.pictures.hamming import HammingTable
from streams.pictures import PictureReader

ROUNDS = 5
PICTURES = 40
SIDE = 800
CODES = 1_000_000
QUERIES = 20
LOOP_CODES = 10_000


def run() -> dict[str, float]:
    """The figures, by name: rates are per second, times in milliseconds, bits out of the hash's width."""
    return reading() | searching(64, 10) | searching(256, 31)


def reading() -> dict[str, float]:
    """One picture at a time, from bytes to hashes, in the limited process; and Pillow with imagehash in this one."""
    pictures = [_photograph(seed) for seed in range(PICTURES)]
    with PictureReader() as reader:
        reader.read("", pictures[0])
        readings = [reader.read("", data) for data in pictures]
        arms: dict[str, Callable[[bytes], object]] = {
            "pictures read/s (two hashes, mirrored too, in a limited process)": lambda data: reader.read("", data),
            "pictures opened by Pillow and hashed by imagehash phash/s": _baseline,
        }
        times: dict[str, list[float]] = {name: [] for name in arms}
        for _ in range(ROUNDS):
            for name, arm in arms.items():
                started = perf_counter()
                for data in pictures:
                    arm(data)
                times[name].append(perf_counter() - started)
    drift = [
        (int(reading.hashes["phash-64"], 16) ^ int(str(_baseline(data)), 16)).bit_count()
        for reading, data in zip(readings, pictures, strict=True)
    ]
    figures = {name: PICTURES / statistics.median(taken) for name, taken in times.items()}
    return figures | {
        "bits of 64 from stock phash, median": statistics.median(drift),
        "bits of 64 from stock phash, most": max(drift),
    }


def searching(bits: int, radius: int) -> dict[str, float]:
    """One query among a million codes. A third of the codes lie in clusters, as hashes of real pictures do. The loop is
    measured on 10,000 codes and scaled."""
    codes = _codes(bits)
    table = HammingTable(codes)
    chance = np.random.default_rng(bits)
    queries = codes[chance.choice(CODES, QUERIES, replace=False)]
    hashes = [imagehash.ImageHash(np.unpackbits(code.view(np.uint8)).astype(bool)) for code in codes[:LOOP_CODES]]
    ours: list[float] = []
    loop: list[float] = []
    for row in range(QUERIES):
        started = perf_counter()
        near = table.within(queries[row : row + 1], radius)
        ours.append(perf_counter() - started)
        assert len(near.code) >= 1
        if row < ROUNDS:
            asked = imagehash.ImageHash(np.unpackbits(queries[row].view(np.uint8)).astype(bool))
            started = perf_counter()
            [other for other in hashes if asked - other <= radius]
            loop.append((perf_counter() - started) * CODES / LOOP_CODES)
    return {
        f"ms to search 1M codes of {bits} bits": statistics.median(ours) * 1000,
        f"ms in a loop of imagehash over 1M codes of {bits} bits (scaled)": statistics.median(loop) * 1000,
    }


def _baseline(data: bytes) -> imagehash.ImageHash:
    return imagehash.phash(Image.open(io.BytesIO(data)))


def _photograph(seed: int) -> bytes:
    """A JPEG of about 150 KiB: soft colours under fine grain, which costs a decoder as much as a photograph."""
    chance = np.random.default_rng(seed)
    coarse = Image.fromarray(chance.integers(0, 256, (40, 40, 3), dtype=np.uint8)).resize((SIDE, SIDE), Image.BICUBIC)
    grained = np.asarray(coarse).astype(np.float64) + chance.normal(0, 8, (SIDE, SIDE, 3))
    kept = io.BytesIO()
    Image.fromarray(np.clip(grained, 0, 255).astype(np.uint8)).save(kept, "JPEG", quality=85)
    return kept.getvalue()


def _codes(bits: int) -> np.ndarray:
    chance = np.random.default_rng(bits + 1)
    codes = chance.integers(0, 2**64, (CODES, bits // 64), dtype=np.uint64)
    clustered = CODES // 3
    centres = codes[chance.integers(0, 1000, clustered)]
    noise = np.ones_like(centres)
    noise[:] = np.uint64(2**64 - 1)
    for _ in range(4):  # about one bit in sixteen is flipped
        noise &= chance.integers(0, 2**64, noise.shape, dtype=np.uint64)
    codes[:clustered] = centres ^ noise
    return codes


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{figure:12.2f}  {name}")
