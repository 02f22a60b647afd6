"""Segments: the names of many marks as plain arrays, searchable by key, written once and never changed.

Owns the layout: what is kept of a mark and of its names, as narrow as it goes, so that a million marks take a few
hundred megabytes and can be mapped from files. Which segments make an index is for `detectors.trademark.index`.
"""

import hashlib
from array import array
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
from detectors.trademark.stretches import Stretches
from detectors.trademark.tables import class_mask, data_version
from models.errors import ConfigurationError
from models.identity import digest
from models.registry import Mark

ALGORITHM = "5"  # changes whenever the keys or the layout do
NAMES_AT_ONCE = 8192  # names keyed at once while building, which bounds the memory that it takes

Array = npt.NDArray[Any]
U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Segment:
    """Marks that are indexed together. Build it with `Segment.build`; names and marks are numbered from 0.

    `buckets`, `prints`, `rows`, `filter` and `edges` are the table of keys (`detectors.trademark.postings`). Name `n`
    belongs to mark `owner[n]`, is spelled as `spelling[n]`, is written in stretch `n` of `letters` (UTF-8) and reads as
    the elements of stretch `n` of `codes`, none where it is met whole or not at all; `exact[n]` are the low bits of the
    key of its shape, by which the same shape is known. Mark `m` has stretch `m` of `ids` (UTF-8) and they are in order;
    `classes` are bits; `content[m]` names what of the mark the segment rests on. Where stretches begin is told by their
    `_at` and `_size` (`detectors.trademark.stretches`). `rules` names the algorithm and the tables.
    """

    buckets: U32
    prints: U8
    rows: U32
    filter: U64
    edges: U8
    owner: U32
    spelling: U8
    exact: U32
    letters: U8
    letters_at: U32
    letters_size: Array
    codes: Array
    codes_at: U32
    codes_size: Array
    ids: U8
    ids_at: U32
    ids_size: Array
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
        table = Postings.build(told.entries, told.edges)
        written, meant, named = (Stretches.of(sizes) for sizes in (told.letter_sizes, told.code_sizes, told.id_sizes))
        codes = np.concatenate([np.zeros(0, dtype=np.uint16), *told.codes])
        return cls(
            buckets=table.buckets,
            prints=table.prints,
            rows=table.rows,
            filter=table.filter,
            edges=table.edges,
            owner=np.array(told.owner, dtype=np.uint32),
            spelling=np.frombuffer(told.spelling, dtype=np.uint8),
            exact=np.concatenate([np.zeros(0, dtype=np.uint32), *told.exact]),
            letters=np.frombuffer(told.letters, dtype=np.uint8),
            letters_at=written.at,
            letters_size=written.size,
            codes=codes,
            codes_at=meant.at,
            codes_size=meant.size,
            ids=np.frombuffer(told.ids, dtype=np.uint8),
            ids_at=named.at,
            ids_size=named.size,
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
        return _text(self.letters[self._written.one(number)])

    def mark_id(self, number: int) -> str:
        """The id of the mark with that number."""
        return _text(self.ids[self._named.one(number)])

    def mark_ids(self) -> Iterator[str]:
        """Every id, in order."""
        last = 0
        for size in self.ids_size[: self.mark_count()].tolist():
            first, last = last, last + size
            yield _text(self.ids[first:last])

    def mark_count(self) -> int:
        return len(self.classes)

    def name_count(self) -> int:
        return len(self.owner)

    @cached_property
    def table(self) -> Postings:
        """The table of keys."""
        return Postings(self.buckets, self.prints, self.rows, self.filter, self.edges)

    @cached_property
    def meant(self) -> Stretches:
        """Where in `codes` the elements of each name stand."""
        return Stretches(self.codes_at, self.codes_size)

    @cached_property
    def _written(self) -> Stretches:
        return Stretches(self.letters_at, self.letters_size)

    @cached_property
    def _named(self) -> Stretches:
        return Stretches(self.ids_at, self.ids_size)


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
    """What has been gathered of the marks so far, in as few bytes as the result takes."""

    def __init__(self) -> None:
        self.entries: list[U64] = []
        self.edges: list[U32] = []
        self.codes: list[Array] = []
        self.exact: list[U32] = []
        self.code_sizes, self.letter_sizes, self.id_sizes, self.owner = (array("I") for _ in range(4))
        self.classes, self.content = array("Q"), array("Q")
        self.letters, self.ids, self.spelling = bytearray(), bytearray(), bytearray()

    def take(self, some: list[tuple[str, Spelling]]) -> None:
        """Key a batch of names."""
        first = len(self.spelling)
        readings = read([name for name, _ in some])
        whole_only = np.array([spelling >= Spelling.PINYIN for _, spelling in some], dtype=np.bool_)
        keys, numbers, edges = name_keys(readings, whole_only, first)
        self.entries.append(packed(keys, numbers))
        self.edges.append(edges)
        shape = RollingSums(readings.shape).window(readings.first[:-1], readings.first[1:])
        self.exact.append(sealed(shape, Channel.SHAPE).astype(np.uint32))
        self.code_sizes.extend(np.where(whole_only, 0, readings.first[1:] - readings.first[:-1]).tolist())
        codes = readings.shape[~whole_only[readings.text]]
        self.codes.append(codes.astype(np.uint16) if codes.max(initial=0) < 1 << 16 else codes)
        for name, spelling in some:
            letters = name.encode("utf-8", "surrogatepass")
            self.letters += letters
            self.letter_sizes.append(len(letters))
            self.spelling.append(spelling)


def _found(marks: Iterable[Mark], told: _Told) -> Iterator[tuple[str, Spelling]]:
    """Every name of every mark; notes the marks and whose the names are as it goes."""
    for number, mark in enumerate(marks):
        mark_id = mark.mark_id.encode("utf-8", "surrogatepass")
        told.ids += mark_id
        told.id_sizes.append(len(mark_id))
        told.classes.append(class_mask(mark.nice_classes))
        told.content.append(content_of(mark))
        for name, spelling in names(mark):
            told.owner.append(number)
            yield name, spelling


def _text(letters: U8) -> str:
    return letters.tobytes().decode("utf-8", "surrogatepass")
