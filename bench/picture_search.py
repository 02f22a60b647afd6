"""Searching the registry with a picture: how long the console waits, among 100,000 official pictures.
`python -m bench.picture_search [--references N]`

Two hundred made-up pictures are read; the others are made of them by changing a quarter of the bits of every corner and
all of the hashes, so that the tables are as full as they would be. Questions are parts of pictures that are there,
which the page lays over what it finds. Reading the question is included; the page itself is `bench.desk`'s.
"""

import argparse
import io
import statistics
import time
from dataclasses import replace

import numpy as np
from PIL import Image

from bench.copies import made_up_picture
from bench.picture_edits import jpeg
from detectors.pictures import PictureIndex
from detectors.pictures.features import Features, packed, unpacked
from detectors.pictures.matching import BITS
from models.pictures import PictureReading, ReferencePicture
from streams.pictures import PictureReader
from streams.screening.picture_search import search

REFERENCES = 100_000
READ = 200
ASKED = 40
TOP = 20


def run(references: int = REFERENCES) -> dict[str, float]:
    """The figures by name: milliseconds of the clock a question, and of it for reading the picture."""
    chance = np.random.default_rng(20260301)
    pictures = [made_up_picture(number) for number in range(READ)]
    with PictureReader() as reader:
        read = [reader.read(str(number), data, "features") for number, data in enumerate(pictures)]
        known = [unpacked(each.features) for each in read]
        entries = [
            ReferencePicture(mark_id=f"M{row}", goods_id="", reading=each)
            for row, each in enumerate([*read, *_others(read, known, references - READ, chance)])
        ]
        index = PictureIndex.build(entries)
        spent, reading_alone, first = [], [], 0
        for number in range(ASKED):
            asked = _part(pictures[number * READ // ASKED])
            started = time.perf_counter()
            reading = reader.read("asked", asked, "features")
            reading_alone.append(time.perf_counter() - started)
            found = search(index, reading, top=TOP)
            spent.append(time.perf_counter() - started)
            first += found.found[0].mark_id == f"M{number * READ // ASKED}"
    return {
        f"picture search among {references}: ms a question, median": statistics.median(spent) * 1000,
        f"picture search among {references}: ms a question, longest": max(spent) * 1000,
        f"picture search among {references}: ms of it to read the picture": statistics.median(reading_alone) * 1000,
        f"picture search among {references}: share ranked first": first / ASKED,
    }


def _others(
    read: list[PictureReading], known: list[Features | None], count: int, chance: np.random.Generator
) -> list[PictureReading]:
    made = []
    for number in range(count):
        of = number % len(read)
        features = known[of]
        assert features is not None
        noise = np.full(features.codes.shape, 2**64 - 1, dtype=np.uint64)
        for _ in range(2):
            noise &= chance.integers(0, 2**64, noise.shape, dtype=np.uint64)
        told = packed(replace(features, codes=features.codes ^ noise, mirrored=features.mirrored ^ noise))
        hashes = {
            name: chance.bytes(next(bits for kind, bits in BITS.items() if name.startswith(kind)) // 8).hex()
            for name in read[of].hashes
        }
        made.append(read[of].model_copy(update={"address": f"other-{number}", "hashes": hashes, "features": told}))
    return made


def _part(data: bytes) -> bytes:
    """Seven tenths of each side, as somebody would cut it."""
    picture = Image.open(io.BytesIO(data))
    wide, high = picture.size
    return jpeg(picture.crop((wide // 10, high // 10, wide * 8 // 10, high * 8 // 10)), 85)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--references", type=int, default=REFERENCES)
    for name, figure in run(parser.parse_args().references).items():
        print(f"{figure:12.3f}  {name}")
