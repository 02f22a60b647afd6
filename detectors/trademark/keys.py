"""Keys: windows of elements as 64-bit numbers, so that finding what is alike is finding what is equal.

Owns the hash. A window's key is the sum of its elements' hashes times rising powers of an odd number, modulo 2^64. The
powers have inverses, so with one running sum over a batch the key of any window, of a window without one element, or
with one element replaced, costs a few vector operations whatever the window's length. Keys of different channels never
meet. Two different windows share a key once in 2^64: harmless, since every candidate is compared afterwards.
"""

import hashlib
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[Any]

POWER = 0x9E3779B97F4A7C15
INVERSE = pow(POWER, -1, 1 << 64)
GOLDEN = np.uint64(0xBF58476D1CE4E5B9)
SILVER = np.uint64(0x94D049BB133111EB)


class Channel(IntEnum):
    """What a key says is equal. Two of them hold for names of two characters only."""

    SHAPE = 1  # the folded shapes
    SHAPE_BUT_ONE = 2  # the folded shapes without one element
    SOUND = 3  # the folded sounds
    SOUND_BUT_ONE = 4  # the folded sounds without one element
    SYLLABLES = 5  # both syllables, near sounds not folded
    SOUND_AND_SHAPE = 6  # the sound of one character and the shape of the other
    ANY_ORDER = 7  # the folded shapes, in whatever order; holds for names with characters
    BEGINNING = 8  # the first letters of a long name of letters
    ENDING = 9  # its last letters
    HEARD = 10  # how a name of letters is read aloud
    MEANT = 11  # what a name means, unit by unit
    ACROSS = 12  # the consonants of a name of letters, as characters spell them by ear


def scattered(numbers: Ints) -> U64:
    """Each number as 64 well-mixed bits (splitmix64)."""
    bits = numbers.astype(np.uint64) + np.uint64(POWER)
    bits = (bits ^ (bits >> np.uint64(30))) * GOLDEN
    bits = (bits ^ (bits >> np.uint64(27))) * SILVER
    return bits ^ (bits >> np.uint64(31))


def sealed(sums: U64, channel: Channel) -> U64:
    """Finished keys of one channel: mixed so that any of their bits may choose a bucket."""
    bits = (sums ^ np.uint64(channel * 0x632BE59BD9B4E019 & (1 << 64) - 1)) * SILVER
    return bits ^ (bits >> np.uint64(32))


class RollingSums:
    """Running sums over one row of elements; positions and window ends index that row."""

    def __init__(self, elements: Ints) -> None:
        size = len(elements)
        self.hashes = scattered(elements)
        self.powers = _powers(POWER, size + 1)
        self.inverses = _powers(INVERSE, size + 1)
        self.sums = np.zeros(size + 1, dtype=np.uint64)
        self.unordered = np.zeros(size + 1, dtype=np.uint64)
        np.cumsum(self.hashes, out=self.unordered[1:])
        np.cumsum(self.hashes * self.powers[:size], out=self.sums[1:])

    def window(self, start: Ints, end: Ints) -> U64:
        """The sums of windows [start, end)."""
        window: U64 = (self.sums[end] - self.sums[start]) * self.inverses[start]
        return window

    def any_order(self, start: Ints, end: Ints) -> U64:
        """The sums of windows [start, end) whatever the order of their elements."""
        window: U64 = self.unordered[end] - self.unordered[start]
        return window

    def without(self, start: Ints, end: Ints, position: Ints) -> U64:
        """The sums of windows [start, end) as if the element at `position` were not there."""
        left: U64 = (self.sums[position] - self.sums[start]) * self.inverses[start]
        right: U64 = (self.sums[end] - self.sums[position + 1]) * self.inverses[start + 1]
        return left + right

    def replaced(self, sums: U64, start: Ints, position: Ints, element: Ints) -> U64:
        """The sums of windows that begin at `start`, with another element at `position`."""
        changed: U64 = sums + (scattered(element) - self.hashes[position]) * self.powers[position - start]
        return changed


def mixed_pair(sound: Ints, shape: Ints, *, sound_first: bool) -> U64:
    """Keys of two characters of which one is known by its syllable and the other by its shape."""
    first, second = (scattered(sound), scattered(shape)) if sound_first else (scattered(shape), scattered(sound))
    return sealed(first + second * np.uint64(POWER) + np.uint64(sound_first), Channel.SOUND_AND_SHAPE)


def pair_of_syllables(first: Ints, second: Ints) -> U64:
    """Keys of two characters known by their syllables."""
    return sealed(scattered(first) + scattered(second) * np.uint64(POWER), Channel.SYLLABLES)


def text_keys(texts: Sequence[str], channel: Channel) -> U64:
    """Keys of whole strings."""
    digests = (hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return sealed(np.frombuffer(b"".join(digests), dtype="<u8"), channel)


def _powers(base: int, count: int) -> U64:
    factors = np.full(count, base, dtype=np.uint64)
    factors[:1] = 1
    powers: U64 = np.multiply.accumulate(factors)
    return powers
