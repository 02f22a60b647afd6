"""Segments: the names of many marks as plain arrays, searchable by key, written once and never changed.

Owns the layout: what is kept of a mark and of its names, as narrow as it goes, so that a million marks take a few
hundred megabytes and can be mapped from files. Which segments make an index is for `detectors.trademark.index`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.trademark.keys import U64, Channel, RollingSums, sealed
from detectors.trademark.name_keys import name_keys
from detectors.trademark.names import Spelling, names
from detectors.trademark.postings import Postings, packed
from detectors.trademark.readings import read
from detectors.trademark.tables import class_mask, data_version
from models.errors import ConfigurationError
from models.identity import digest
from models.registry import Mark

ALGORITHM = "3"  # changes whenever the keys or the layout do
NAMES_AT_ONCE = 8192  # names keyed at once while building, which bounds the memory that it takes

Array = npt.NDArray[Any]
U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Segment:
    """Marks that are indexed together. Build it with `Segment.build`; names and marks are numbered from 0.

    `buckets`, `prints`, `rows` and `filter` are the table of keys (`detectors.trademark.postings`). Name `n` belongs to
    mark `owner[n]`, is spelled as `spelling[n]`, is written `letters[letters_at[n]:letters_at[n+1]]` (UTF-8), and reads
    as the elements `codes[codes_at[n]:codes_at[n+1]]` where it may be met changed; `exact[n]` are the low bits of the
    key of its shape, by which the same shape is known. Marks are in the order of `ids` (UTF-8); `classes` are bits;
    `content[m]` names what of the mark the segment rests on. `rules` names the algorithm and the tables.
    """

    buckets: U32
    prints: U8
    rows: U32
    filter: U64
    owner: U32
    spelling: U8
    exact: U32
    letters: U8
    letters_at: U32
    codes: Array
    codes_at: U32
    ids: U8
    ids_at: U32
    classes: U64
    content: U64
    rules: U8

    @classmethod
    def build(cls, marks: Iterable[Mark]) -> "Segment":
        """Index every mark that has a text or an alias, whatever its status: status is a fact for later. The marks
        are sorted by id and there is one of each. Memory beyond the result is bounded by a batch of names."""
        told = _Told()
        found = _found(marks, told)
        while some := list(islice(found, NAMES_AT_ONCE)):
            told.take(some)
        table = Postings.build(told.entries)
        letters, letters_at = _packed(told.letters)
        ids, ids_at = _packed(told.ids)
        codes = np.concatenate([np.zeros(0, dtype=np.uint32), *told.codes])
        return cls(
            buckets=table.buckets,
            prints=table.prints,
            rows=table.rows,
            filter=table.filter,
            owner=np.array(told.owner, dtype=np.uint32),
            spelling=np.array(told.spelling, dtype=np.uint8),
            exact=np.concatenate([np.zeros(0, dtype=np.uint32), *told.exact]),
            letters=letters,
            letters_at=letters_at,
            codes=codes.astype(np.uint16) if not len(codes) or codes.max() < 1 << 16 else codes,
            codes_at=np.cumsum([0, *told.sizes], dtype=np.uint64).astype(np.uint32),
            ids=ids,
            ids_at=ids_at,
            classes=np.array(told.classes, dtype=np.uint64),
            content=np.array(told.content, dtype=np.uint64),
            rules=current_rules(),
        )

    def arrays(self) -> dict[str, Array]:
        """Everything by name, ready to be written with `numpy.save` and mapped with `mmap_mode`."""
        return {name: getattr(self, name) for name in ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> "Segment":
        """A segment over arrays that may be memory-mapped, read-only. Raises `ConfigurationError` when one is missing
        or they were made by other rules."""
        missing = [name for name in ARRAYS if name not in arrays]
        if missing:
            raise ConfigurationError(f"the index lacks {', '.join(missing)}", mend="build the index again")
        if not of_these_rules(arrays):
            raise ConfigurationError("the index was built by other rules", mend="build the index again")
        return cls(**{name: np.asarray(arrays[name]) for name in ARRAYS})  # plain views: a memmap's own are slow

    def name(self, number: int) -> str:
        """The name as the registry spells it."""
        return _text(self.letters, self.letters_at, number)

    def mark_id(self, number: int) -> str:
        """The id of the mark with that number."""
        return _text(self.ids, self.ids_at, number)

    def mark_ids(self) -> Iterator[str]:
        """Every id, in order."""
        return (self.mark_id(number) for number in range(self.mark_count()))

    def mark_count(self) -> int:
        return len(self.ids_at) - 1

    def name_count(self) -> int:
        return len(self.owner)

    @cached_property
    def table(self) -> Postings:
        """The table of keys."""
        return Postings(self.buckets, self.prints, self.rows, self.filter)


ARRAYS = tuple(Segment.__dataclass_fields__)


def current_rules() -> U8:
    """Names the algorithm and its tables: segments of other rules cannot be searched by these."""
    return np.frombuffer(digest("segment", ALGORITHM, data_version()).encode("ascii"), dtype=np.uint8)


def of_these_rules(arrays: Mapping[str, Array]) -> bool:
    """Whether arrays were made by the algorithm and the tables at hand."""
    return "rules" in arrays and np.array_equal(arrays["rules"], current_rules())


def content_of(mark: Mark) -> int:
    """64 bits that name what a segment keeps of the mark."""
    said = repr((mark.mark_id, mark.text, mark.aliases, mark.nice_classes, sorted(mark.attributes.items())))
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "big")


class _Told:
    """What has been gathered of the marks so far, as lists of parts."""

    def __init__(self) -> None:
        self.entries: list[U64] = []
        self.codes: list[U32] = []
        self.exact: list[U32] = []
        self.sizes: list[int] = []
        self.letters: list[bytes] = []
        self.owner: list[int] = []
        self.spelling: list[int] = []
        self.ids: list[bytes] = []
        self.classes: list[int] = []
        self.content: list[int] = []

    def take(self, some: list[tuple[str, Spelling]]) -> None:
        """Key a batch of names."""
        first = len(self.letters)
        readings = read([name for name, _ in some])
        whole_only = np.array([spelling >= Spelling.PINYIN for _, spelling in some], dtype=np.bool_)
        keys, numbers = name_keys(readings, whole_only, first)
        self.entries.append(packed(keys, numbers))
        shape = RollingSums(readings.shape).window(readings.first[:-1], readings.first[1:])
        self.exact.append(sealed(shape, Channel.SHAPE).astype(np.uint32))
        size = np.where(whole_only, 0, readings.first[1:] - readings.first[:-1])
        self.codes.append(readings.shape[~whole_only[readings.text]])
        self.sizes += size.tolist()
        self.letters += [name.encode("utf-8", "surrogatepass") for name, _ in some]
        self.spelling += [int(spelling) for _, spelling in some]


def _found(marks: Iterable[Mark], told: _Told) -> Iterator[tuple[str, Spelling]]:
    """Every name of every mark; notes the marks and whose the names are as it goes."""
    for number, mark in enumerate(marks):
        told.ids.append(mark.mark_id.encode("utf-8", "surrogatepass"))
        told.classes.append(class_mask(mark.nice_classes))
        told.content.append(content_of(mark))
        for name, spelling in names(mark):
            told.owner.append(number)
            yield name, spelling


def _packed(texts: list[bytes]) -> tuple[U8, U32]:
    at = np.zeros(len(texts) + 1, dtype=np.uint32)
    np.cumsum([len(text) for text in texts], out=at[1:], dtype=np.uint32)
    return np.frombuffer(b"".join(texts), dtype=np.uint8), at


def _text(packed_: U8, at: U32, number: int) -> str:
    return packed_[at[number] : at[number + 1]].tobytes().decode("utf-8", "surrogatepass")
