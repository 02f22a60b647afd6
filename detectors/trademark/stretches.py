"""Stretches: where each of many short pieces of one long array begins and how long it is, in a byte each and a bit.

Owns the layout: sizes one by one, as narrow as they go, and where every sixteenth begins. The rest is added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

TOGETHER = 16  # stretches from one that is kept with its place to the next

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stretches:
    """Stretch `n` has `size[n]` items; stretch `16 * b` begins at `at[b]`. `size` is filled up with nothing to a
    multiple of sixteen."""

    at: npt.NDArray[np.uint32]
    size: Array

    @classmethod
    def of(cls, sizes: Sequence[int] | Array) -> "Stretches":
        """Stretches of these sizes, one after the other."""
        known = np.asarray(sizes, dtype=np.uint32)
        filled = np.zeros(-len(known) % TOGETHER + len(known), dtype=np.min_scalar_type(known.max(initial=0)))
        filled[: len(known)] = known
        blocks = filled.reshape(-1, TOGETHER).sum(axis=1, dtype=np.uint64)
        return cls(np.cumsum(np.append(np.uint64(0), blocks), dtype=np.uint64).astype(np.uint32), filled)

    def begins(self, numbers: Ints) -> Ints:
        """Where each of these begins."""
        block, within = np.divmod(numbers, TOGETHER)
        before = np.where(np.arange(TOGETHER) < within[:, None], self.size.reshape(-1, TOGETHER)[block], 0)
        begins: Ints = self.at[block].astype(np.int64) + before.sum(axis=1, dtype=np.int64)
        return begins

    def one(self, number: int) -> slice:
        """One stretch."""
        block = number // TOGETHER
        sizes = self.size[block * TOGETHER : number + 1].tolist()
        first = int(self.at[block]) + sum(sizes[:-1])
        return slice(first, first + sizes[-1])
