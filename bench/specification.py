"""How well quantities are read from real titles: `python -m bench.specification --data DIR [--show tuning]`.

Owns the comparison of `read_specification` with labels made by hand (`bench/data/specification_labels.jsonl`). A label
names its title by SHA-256 alone; the titles stay in the data folder, and a label whose title is absent is counted as
absent. Round 1 was labelled before the reader was worked on; round 2 (hard ones: titles in which a number stands before
a unit word) and round 3 (of every kind) after that, and before the reader had seen them. A third of the labels of each
round, by hash, is held out: `--show` prints disagreements of the rest only.

A label says what the price buys: `content` (unit g or ml, and the total; "any" where the text allows several), `packs`
(how many packages), `pieces` (how many countable goods, whatever their word), `named_set` (a set called by its number
of pieces, which is one thing), `capacity` (a g or ml that stands in the title is what the thing holds or weighs, no
quantity). A label without any of them says that one thing is bought and no quantity is told.
"""

import argparse
import csv
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from detectors.price import Specification, read_specification

LABELS = Path(__file__).parent / "data" / "specification_labels.jsonl"
TABLES = {  # set -> its table and the columns that hold titles
    "zh_taobao_lipstick_2022": ("listings.csv", ("title",)),
    "zh_taobao_beauty_1111": ("listings.csv", ("title",)),
    "zh_tmall_2019": ("listings.csv", ("title",)),
    "zh_jd_industrial": ("listings.csv", ("title",)),
    "zh_jd_items_brand": ("items.csv", ("title",)),
    "zh_gi_listings": ("gi_listings.csv", ("title",)),
    "en_amazon_google_pairs": ("pairs.csv", ("name1", "name2")),
    "en_amazon_promptcloud": ("listings.csv", ("title",)),
    "en_amazon_walmart_pairs": ("pairs.csv", ("name1", "name2")),
}


@dataclass(frozen=True)
class Tally:
    """Labels of one group: how many were compared, and how many readings were right."""

    compared: int
    right: int

    def __str__(self) -> str:
        return f"{self.right}/{self.compared} = {self.right / self.compared:.3f}" if self.compared else "none"


def main() -> None:
    """Print the share of right readings: all labels, held out or not, with a quantity or without, and by set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--show", choices=["tuning"], help="print the disagreements of the labels that are not held out"
    )
    chosen = parser.parse_args()
    report(chosen.data, show=chosen.show is not None)


def report(data: Path, *, show: bool = False) -> None:
    """Compare every label whose title is in `data`; says so where there is none."""
    labels = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]
    found = dict(titles(data, {label["set"] for label in labels}))
    present = [label for label in labels if label["title_sha256"] in found]
    if not present:
        print("skipped: none of the labelled titles is in the data")
        return
    verdicts: dict[str, list[bool]] = defaultdict(list)
    for label in present:
        title = found[label["title_sha256"]]
        read = read_specification(title)
        right = is_right(label, read)
        half = "held out" if held_out(label) else "tuning"
        kind = "with a quantity" if tells(label) else "without a quantity"
        first = f"round {label['round']}, {half}"
        for group in ("all", first, f"{first}, {kind}", f"set {label['set']}"):
            verdicts[group].append(right)
        if show and half == "tuning" and not right:
            said = {key: value for key, value in label.items() if key not in ("title_sha256", "set", "round")}
            print(f"  {title[:120]}\n    label {said}, read {_told(read)}")
    print(f"labels {len(labels)}, titles absent {len(labels) - len(present)}")
    for group in sorted(verdicts):
        print(f"  {group}: {Tally(len(verdicts[group]), sum(verdicts[group]))}")


def held_out(label: dict[str, Any]) -> bool:
    """A third of the labels, by the hash of the title."""
    return int(label["title_sha256"][:8], 16) % 3 == 0


def tells(label: dict[str, Any]) -> bool:
    return bool(label.keys() & {"content", "packs", "pieces"})


def is_right(label: dict[str, Any], read: Specification) -> bool:
    """Whether the reading says what the label says, and no more than it."""
    counts = [amount for unit, amount in read.amounts if unit not in ("g", "ml")]
    stated = label.get("content")
    if stated != "any" and not _same_content(stated, read.content):
        return False
    if "named_set" in label:
        return read.packs == 1 and all(count in (1, label["named_set"]) for count in counts)
    if "packs" in label and read.packs != label["packs"]:
        return False
    if "pieces" in label:
        return Decimal(label["pieces"]) in counts or (label["pieces"] == 1 and not counts)
    return stated is not None or all(count == 1 for count in counts)


def _same_content(stated: list[str] | None, read: tuple[str, Decimal] | None) -> bool:
    if stated is None or read is None:
        return stated is None and read is None
    return stated[0] == read[0] and abs(Decimal(stated[1]) - read[1]) <= Decimal(stated[1]) / 100


def _told(read: Specification) -> str:
    amounts = ", ".join(f"{amount.normalize():f} {unit}" for unit, amount in read.amounts) or "nothing"
    return f"{amounts}; packs {read.packs.normalize():f}; sure {read.sure} (from {read.used!r})"


def titles(data: Path, sets: set[str]) -> Iterator[tuple[str, str]]:
    """Every title of those sets that is there, after its SHA-256 in hex."""
    for name in sorted(sets):
        folder = data / name
        reader = READERS.get(name, table_titles)
        if folder.is_dir():
            for title in reader(folder):
                yield hashlib.sha256(title.encode()).hexdigest(), title


def table_titles(folder: Path) -> Iterator[str]:
    """The title columns of a table."""
    table, columns = TABLES[folder.name]
    with (folder / table).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield from (row[column].strip() for column in columns if row[column])


def line_titles(folder: Path) -> Iterator[str]:
    """The texts of training and development lines."""
    for part in ("train", "dev"):
        for line in (folder / f"{part}.jsonl").read_text("utf-8").splitlines():
            yield json.loads(line)["text"].strip()


def page_titles(folder: Path) -> Iterator[str]:
    """Titles and names of four words and more, wherever they stand in the parsed pages."""
    for file in sorted(folder.glob("*.json.gz")):
        yield from _named(json.loads(gzip.decompress(file.read_bytes())))


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("title", "name") and isinstance(value, str):
                if len(value.split()) >= 4:
                    yield value.strip()
            else:
                yield from _named(value)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value)


READERS: dict[str, Callable[[Path], Iterator[str]]] = {
    "zh_taobao_ner_brand": line_titles,
    "en_marketplace_json": page_titles,
}

if __name__ == "__main__":
    main()
