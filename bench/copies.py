"""Copies: how many edited pictures are found again among ten thousand, and how often another is told.
`python -m bench.copies`

References are real photographs of the given data, and pictures made up until there are ten thousand. Queries are
references under random edits, and photographs that are no references: other shots of the same packages from the same
shelf. In the same run the same queries are put to plain PDQ (31 of 256) and pHash (10 of 64), what one would pick.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.picture_edits import EDITS, Edit, collage, colour, jpeg, opened
from detectors.pictures import PictureIndex
from detectors.pictures.hamming import HammingTable, pack
from detectors.pictures.pdq import pdq
from models.pictures import PictureReading, ReferencePicture
from streams.pictures import PictureReader, PictureSettings

REFERENCES = 10_000
UNSEEN = 10_000_000
"""Seeds of made-up pictures that are no references."""
WANTED = {
    **dict.fromkeys(("recompress", "resize", "brightness", "grey", "watermark"), 0.99),
    "banner": 0.97, "border": 0.95, "mirror": 0.97, "rotate": 0.90, "crop to 88 %": 0.95, "crop to 75 %": 0.85,
}  # fmt: skip


def run(data: Path, *, references: int = REFERENCES, rounds: int = 2, negatives: int = 1000, seed: int = 7) -> None:
    """Print recall by edit, and false matches among queries without a copy."""
    chance = random.Random(seed)
    shown, others = _photographs(data, chance)
    made_up = [made_up_picture(number) for number in range(references - len(shown))]
    with PictureReader(PictureSettings(children=2)) as reader:
        started = time.perf_counter()
        pictures = [*(path.read_bytes() for path in shown), *made_up]
        readings = _read(reader, pictures)
        print(f"{len(readings)} references read to level features in {time.perf_counter() - started:.0f} s")
        entries = [ReferencePicture(mark_id=str(row), reading=reading) for row, reading in enumerate(readings)]
        started = time.perf_counter()
        index = PictureIndex.build(entries)
        print(f"indexed in {time.perf_counter() - started:.1f} s")
        plain = _Plain(pictures)
        table = {**EDITS, "collage of four": collage([opened(path.read_bytes()) for path in others[:20]])}
        for name, edit in table.items():
            _report_edit(name, edit, shown, rounds, chance, reader, index, plain)
        _report_others(others, table, negatives, chance, reader, index, plain)


def _report_edit(
    name: str,
    edit: Edit,
    shown: Sequence[Path],
    rounds: int,
    chance: random.Random,
    reader: PictureReader,
    index: PictureIndex,
    plain: "_Plain",
) -> None:
    asked = [(row, _edited(path, edit, chance)) for _ in range(rounds) for row, path in enumerate(shown)]
    readings = _read(reader, [data for _, data in asked])
    started = time.perf_counter()
    answers = [index.matches([reading])[0] for reading in readings]
    took = (time.perf_counter() - started) / len(asked) * 1000
    found, hashed, wrong = 0, 0, 0
    for (row, _), answer in zip(asked, answers, strict=True):
        named = {found.reference.mark_id for found in answer if found.match.copied}
        found += str(row) in named
        hashed += any(one.reference.mark_id == str(row) and not one.match.partly for one in answer if one.match.copied)
        wrong += bool(named - {str(row)})
    by_pdq, by_phash = (sum(row in rows for (row, _), rows in zip(asked, all_rows, strict=True)) for all_rows in plain.ask([data for _, data in asked]))  # fmt: skip  # noqa: E501
    wanted = f"  (wanted {WANTED[name]:.2f})" if name in WANTED else ""
    many = len(asked)
    print(
        f"{name:20} found {found / many:.3f}{wanted}  by hashes alone {hashed / many:.3f}  another told too {wrong}"
        f"  plain PDQ 31 {by_pdq / many:.3f}  plain pHash 10 {by_phash / many:.3f}  n {many}  {took:.1f} ms a question",
        flush=True,
    )


def _report_others(
    others: Sequence[Path],
    table: dict[str, Edit],
    many: int,
    chance: random.Random,
    reader: PictureReader,
    index: PictureIndex,
    plain: "_Plain",
) -> None:
    """Photographs that are no references, edited; half of them made-up pictures that are none either."""
    names = [name for name in table if name != "collage of four"]
    asked = [_edited(chance.choice(others), table[chance.choice(names)], chance) for _ in range(many)]
    fresh = [made_up_picture(UNSEEN + number) for number in range(many)]
    for kind, data in (("other shots of the same shelf", asked), ("made-up pictures", fresh)):
        readings = _read(reader, data)
        facts: Counter[str] = Counter()
        for reading in readings:
            matches = index.matches([reading])[0]
            facts["copied"] += any(found.match.copied for found in matches)
            facts["similar"] += any(not found.match.copied for found in matches)
        by_pdq, by_phash = (sum(bool(rows) for rows in all_rows) for all_rows in plain.ask(data))
        print(
            f"no copy, {kind}: told as copied {facts['copied']} of {len(data)}, as similar {facts['similar']};"
            f" plain PDQ 31 {by_pdq}, plain pHash 10 {by_phash}",
            flush=True,
        )


class _Plain:
    """Plain PDQ and pHash of whole pictures, fully decoded."""

    def __init__(self, pictures: Sequence[bytes]) -> None:
        codes = self._codes(pictures)
        self._tables = [HammingTable(pack(codes[0], 256)), HammingTable(pack(codes[1], 64))]

    @staticmethod
    def _codes(pictures: Sequence[bytes]) -> tuple[list[str], list[str]]:
        drawn = [opened(data) for data in pictures]
        return [pdq(np.asarray(one)).hex for one in drawn], [str(imagehash.phash(one)) for one in drawn]

    def ask(self, pictures: Sequence[bytes]) -> Iterator[list[set[int]]]:
        """For each kind of hash, the rows that each picture is near."""
        codes = self._codes(pictures)
        for table, named, bits, radius in zip(self._tables, codes, (256, 64), (31, 10), strict=True):
            near = table.within(pack(named, bits), radius)
            rows: list[set[int]] = [set() for _ in pictures]
            for query, code in zip(near.query.tolist(), near.code.tolist(), strict=True):
                rows[query].add(code)
            yield rows


def _photographs(data: Path, chance: random.Random) -> tuple[list[Path], list[Path]]:
    """Photographs that become references, and others of the same packages: every shot with an even number."""
    shelf = sorted((data / "img_grocery_packages" / "natural").glob("*.jpg"))
    shown = [path for path in shelf if int(path.stem[-3:]) % 2]
    others = [path for path in shelf if not int(path.stem[-3:]) % 2]
    shown += sorted((data / "img_grocery_packages" / "iconic").glob("*.jpg"))
    shown += sorted((data / "img_imagededup" / "base_images").glob("*.jpg"))
    chance.shuffle(others)
    return shown, others


def _edited(path: Path, edit: Edit, chance: random.Random) -> bytes:
    return jpeg(edit(opened(path.read_bytes()), chance), chance.randint(60, 92))


def _read(reader: PictureReader, pictures: Sequence[bytes]) -> list[PictureReading]:
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(lambda item: reader.read(str(item[0]), item[1], "features"), enumerate(pictures)))


def made_up_picture(seed: int) -> bytes:
    """A drawing in the manner of a shop's picture: a package with shapes and words on a ground."""
    chance = random.Random(seed)
    size = chance.choice([(300, 300), (360, 300), (300, 400)])
    ground = Image.new("RGB", size, (255, 255, 255) if chance.random() < 0.4 else colour(chance))
    if chance.random() < 0.5:
        noise = np.random.default_rng(abs(seed)).integers(0, 256, (chance.randint(4, 40),) * 2 + (3,), dtype=np.uint8)
        ground = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(ground)
    left, top = chance.randint(10, 80), chance.randint(10, 60)
    right, bottom = size[0] - chance.randint(10, 80), size[1] - chance.randint(10, 60)
    pen.rounded_rectangle((left, top, right, bottom), chance.randint(0, 40), fill=colour(chance))
    for _ in range(chance.randint(3, 14)):
        x, y = chance.randint(left, right - 8), chance.randint(top, bottom - 8)
        box = (x, y, x + chance.randint(6, 120), y + chance.randint(6, 120))
        draw = chance.choice([pen.ellipse, pen.rectangle, pen.ellipse])
        draw(box, fill=colour(chance), outline=colour(chance) if chance.random() < 0.5 else None)
    for _ in range(chance.randint(1, 5)):
        word = "".join(chance.choice("ABCDEFGHIKLMNOPRSTUVXYZ0123456789 ") for _ in range(chance.randint(3, 12)))
        font = ImageFont.load_default(size=chance.randint(10, 44))
        pen.text((chance.randint(left, max(left, right - 60)), chance.randint(top, bottom)), word, colour(chance), font)
    return jpeg(ground, chance.randint(75, 92))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--references", type=int, default=REFERENCES)
    parser.add_argument("--rounds", type=int, default=2, help="edits of each reference and kind")
    parser.add_argument("--negatives", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    if not (given.data / "img_grocery_packages").is_dir():
        print(f"no pictures in {given.data}: give --data")
        return
    run(given.data, references=given.references, rounds=given.rounds, negatives=given.negatives, seed=given.seed)


if __name__ == "__main__":
    main()
