"""Edges turn no question away that a name would answer, and most that none would."""

import random

import numpy as np
import pytest

from detectors.trademark.edges import SHORTEST, Edge, edges_of, first_of, holds, last_of, table_of, width
from detectors.trademark.keys import RollingSums

NAMES = 200


def names(dice: random.Random, count: int) -> list[list[int]]:
    return [[dice.randrange(2000) for _ in range(dice.randint(SHORTEST, 12))] for _ in range(count)]


def rolled(rows: list[list[int]]) -> tuple[RollingSums, np.ndarray, np.ndarray]:
    end = np.cumsum([len(row) for row in rows])
    return RollingSums(np.array([code for row in rows for code in row])), end - [len(row) for row in rows], end


@pytest.mark.parametrize("heard", [False, True])
def test_a_name_without_one_element_keeps_an_edge(heard: bool) -> None:
    dice = random.Random(3)
    known = names(dice, NAMES)
    table = table_of([edges_of(*rolled(known), heard=heard)])
    longer = [[*name[:place], 5000, *name[place:]] for name in known for place in range(len(name) + 1)]
    sums, start, end = rolled(longer)
    gone = np.array([at for at, row in zip(start, longer, strict=True)]) + [row.index(5000) for row in longer]
    size = end - start - 1
    wide = width(size)
    begins = holds(table, first_of(sums, start, wide, gone), size, Edge(2 * heard))
    ends = holds(table, last_of(sums, end, wide, gone), size, Edge(2 * heard + 1))
    assert (begins & ends).all(), "what is left is the whole name: both its edges are known"
    replaced = [[*name[:place], 5000, *name[place + 1 :]] for name in known for place in range(len(name))]
    sums, start, end = rolled(replaced)
    size, wide = end - start, width(end - start)
    begins = holds(table, sums.window(start, start + wide), size, Edge(2 * heard))
    ends = holds(table, sums.window(end - wide, end), size, Edge(2 * heard + 1))
    assert (begins | ends).all()
    assert not (begins & ends).all()


def test_strangers_are_turned_away() -> None:
    table = table_of([edges_of(*rolled(names(random.Random(3), NAMES)), heard=False)])
    sums, start, end = rolled(names(random.Random(4), NAMES))
    size, wide = end - start, width(end - start)
    let_through = holds(table, sums.window(start, start + wide), size, Edge.BEGINS)
    assert np.count_nonzero(let_through) < NAMES / 4
    assert not holds(table_of([]), sums.window(start, start + wide), size, Edge.BEGINS).any()
