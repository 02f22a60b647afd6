"""Device marks: how well redrawn marks are ranked, and how often marks are seen in pictures.
`python -m bench.devices --data DIR` (part of `make eval`)

Ranking: every picture of `marks_same_brand_renditions` against the 3,470 marks of `marks_simple_icons`, through the
same functions as `lookup --pictures`, words included. Brands are halved by a hash; bars and shares were set on the
first half alone. PDQ and pHash of the same pictures stand beside. In pictures: marks drawn in one colour on white, in
white on a coloured label, and straight on photographs of groceries, in three sizes, among 20, 200 and all marks; and
what is told of photographs without them. Where the data is absent it says so and ends with 0.
"""

import argparse
import csv
import hashlib
import io
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image

from detectors.pictures import PictureIndex
from detectors.pictures.devices import DeviceIndex
from detectors.pictures.devices.likeness import surely
from detectors.pictures.lookup import nearest_to_picture
from detectors.trademark import MarkIndex
from models.pictures import Level, PictureReading, ReferencePicture
from models.registry import Mark, MarkKind, Registry
from streams.pictures import PictureReader, PictureSettings

SIZES = (0.5, 0.3, 0.15)
SHOWN = 60
GROUND = 640
INKS = ("#c8102e", "#1f4fa0", "#127a3c", "#d96b00", "#5b2a86")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.devices")
    parser.add_argument("--data", type=Path, required=True, help="folder with marks_simple_icons and the others")
    data = parser.parse_args().data
    if not (data / "marks_simple_icons" / "marks.csv").is_file():
        print(f"{data} holds no marks_simple_icons: nothing to measure")
        return
    rows = list(csv.DictReader((data / "marks_simple_icons" / "marks.csv").open(encoding="utf-8")))
    with PictureReader(PictureSettings(children=2)) as reader:
        marks = _read(reader, {row["slug"]: data / "marks_simple_icons" / row["file"] for row in rows}, "features")
        names = {row["slug"]: row["title"] for row in rows}
        ranking(data, reader, marks, names)
        in_pictures(data, reader, marks)


def ranking(data: Path, reader: PictureReader, marks: dict[str, PictureReading], names: dict[str, str]) -> None:
    """Rank-1 and rank-10 of redrawn marks."""
    folder = data / "marks_same_brand_renditions"
    rows = list(csv.DictReader((folder / "pairs.csv").open(encoding="utf-8")))
    asked = _read(reader, {row["query_file"]: folder / row["query_file"] for row in rows}, "full")
    registry = Registry(
        marks=tuple(
            Mark(mark_id=slug, text=name, kind=MarkKind.COMBINED, images=(slug,)) for slug, name in names.items()
        )
    )
    references = [ReferencePicture(mark_id=slug, reading=reading) for slug, reading in marks.items()]
    copies, devices = PictureIndex.build(references), DeviceIndex.build(references)
    words = MarkIndex.build(registry)
    arms: dict[str, Callable[[PictureReading], list[str]]] = {
        "shapes, words and copies": lambda reading: [
            hit.mark_id for hit in nearest_to_picture(reading, copies, devices, words, registry, top=10)
        ],
        "shapes alone": lambda reading: [hit.mark_id for hit in devices.nearest(reading, 10)],
        "PDQ": lambda reading: _by_hash(reading, marks, "pdq-256"),
        "pHash": lambda reading: _by_hash(reading, marks, "phash-64"),
    }
    print(f"{len(rows)} redrawn marks among {len(marks)}: rank-1, rank-10")
    for name, arm in arms.items():
        found = [(row, arm(asked[row["query_file"]])) for row in rows]
        for group, chosen in _groups(found):
            first = sum(row["simple_icons_slug"] in hits[:1] for row, hits in chosen) / len(chosen)
            ten = sum(row["simple_icons_slug"] in hits[:10] for row, hits in chosen) / len(chosen)
            print(f"  {first:.3f} {ten:.3f}  {name}: {group} ({len(chosen)})", flush=True)


Found = tuple[dict[str, str], list[str]]


def _groups(found: Sequence[Found]) -> Iterator[tuple[str, list[Found]]]:
    for half, name in ((0, "half the bars were set on"), (1, "the other half")):
        yield name, [one for one in found if _half(one[0]["query_name"]) == half]
    for kind in ("icon", "logo", "wordmark"):
        yield kind, [one for one in found if one[0]["kind"] == kind]


def _half(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2


def _by_hash(reading: PictureReading, marks: dict[str, PictureReading], kind: str) -> list[str]:
    code = int(reading.hashes[kind], 16)
    away = {slug: (int(other.hashes[kind], 16) ^ code).bit_count() for slug, other in marks.items()}
    return sorted(away, key=lambda slug: (away[slug], slug))[:10]


def in_pictures(data: Path, reader: PictureReader, marks: dict[str, PictureReading]) -> None:
    """Recall and false alarms of what `scan` tells, by ground, size and number of marks."""
    chance = random.Random(7)
    photographs = sorted((data / "img_grocery_packages").rglob("*.jpg"))[:400]
    if not photographs:
        print("no img_grocery_packages: marks in pictures are not measured")
        return
    slugs = sorted(marks)
    chance.shuffle(slugs)
    indexes = {
        count: DeviceIndex.build(ReferencePicture(mark_id=slug, reading=marks[slug]) for slug in slugs[:count])
        for count in (20, 200, len(slugs))
    }
    plain = [chance.choice(photographs) for _ in range(SHOWN)]
    without = _read(reader, {f"{place}": path for place, path in enumerate(plain)}, "features")
    for count, index in indexes.items():
        told = sum(any(surely(hit) for hit in index.nearest(reading, 2)) for reading in without.values())
        print(f"  {told / SHOWN:.3f} false alarms in {SHOWN} photographs without a mark, {count} marks", flush=True)
    for ground in ("plain", "label", "photograph"):
        for size in SIZES:
            shown = [slugs[place % 20] for place in range(SHOWN)]
            files = [
                _scene(data / "marks_simple_icons" / "png" / f"{slug}.png", ground, size, photographs, chance)
                for slug in shown
            ]
            with ThreadPoolExecutor(2) as threads:
                readings = list(threads.map(lambda file: reader.read("", file, "features"), files))
            for count, index in indexes.items():
                _tell(ground, size, count, shown, [index.nearest(reading, 10) for reading in readings])


def _tell(ground: str, size: float, count: int, shown: Sequence[str], answers: Sequence[Sequence[Any]]) -> None:
    first = sum(hits[:1] and hits[0].mark_id == slug for slug, hits in zip(shown, answers, strict=True))
    told = sum(
        any(hit.mark_id == slug and surely(hit) for hit in hits[:2]) for slug, hits in zip(shown, answers, strict=True)
    )
    wrong = sum(
        any(hit.mark_id != slug and surely(hit) for hit in hits[:2]) for slug, hits in zip(shown, answers, strict=True)
    )
    shares = " ".join(f"{value / len(shown):.2f}" for value in (first, told, wrong))
    print(f"  {shares}  ranked first, told, another told: {ground}, {size:.0%} of the side, {count} marks", flush=True)


def _scene(mark: Path, ground: str, size: float, photographs: Sequence[Path], chance: random.Random) -> bytes:
    """A picture with the mark in one colour, as JPEG."""
    drawn = Image.open(mark).convert("L")
    side = round(GROUND * size)
    cover = drawn.resize((side, side), Image.Resampling.LANCZOS).point(lambda value: 255 - value)
    cover = cover.rotate(chance.uniform(-4, 4), Image.Resampling.BICUBIC)
    picture = Image.new("RGB", (GROUND, GROUND), "white")
    if ground != "plain":
        picture = Image.open(chance.choice(photographs)).convert("RGB").resize((GROUND, GROUND))
    at = (chance.randint(0, GROUND - side), chance.randint(0, GROUND - side))
    ink = chance.choice(INKS)
    if ground == "label":
        picture = Image.new("RGB", (GROUND, GROUND), "#f4f1ea")
        wide = (max(0, at[0] - side // 4), max(0, at[1] - side // 4), at[0] + side * 5 // 4, at[1] + side * 5 // 4)
        picture.paste(chance.choice(INKS), wide)
        ink = "white"
    picture.paste(ink, (*at, at[0] + side, at[1] + side), cover)
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=80)
    return kept.getvalue()


def _read(reader: PictureReader, files: dict[str, Path], level: Level) -> dict[str, PictureReading]:
    with ThreadPoolExecutor(2) as threads:
        readings = threads.map(lambda item: reader.read(item[0], item[1].read_bytes(), level), files.items())
        return {reading.address: reading for reading in readings if not reading.failure}


if __name__ == "__main__":
    main()
