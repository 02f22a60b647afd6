"""Overlay: one picture laid over another by their features.

Owns the geometry. How far what then lies on top of one another agrees is `detectors.pictures.agreement`, what counts as
a copy `detectors.pictures.matching`. An overlay is found by drawing pairs of corners that look alike and keeping the
movement, turn and size that most others fit (after RANSAC, Fischler and Bolles, 1981, but every pair of the best is
tried, so that the same pictures give the same answer).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.pictures.agreement import Affine, Agreement, agreement
from detectors.pictures.features import Features, Floats

ALIKE = 30
"""Corners that differ in at most so many of 128 bits may be the same."""

TRIED = 40
"""Pairs are drawn from so many of the most alike corners."""

NEAREST_PAIR = 12.0
FARTHEST_TURN = np.radians(40)
LARGEST, SMALLEST = 6.0, 1 / 6
STEPS_OFF = 0.75
"""How far, in doublings, the rungs of two corners may speak of another size than the whole movement."""
LEAST_POINTS = 4
ENOUGH_FOR_SIX = 8
MOST_UNEVEN = 1.7


class Overlay(NamedTuple):
    """`pairs`, of shape (n, 2), are the corners of query and reference that fit; none where edge was laid on edge."""

    pairs: NDArray[np.int64]
    seen: Agreement


def overlay(query: Features, reference: Features) -> Overlay | None:
    """The best way to lay the reference over the query; None where no way is supported by corners."""
    pairs = _alike(query, reference)
    if len(pairs) < LEAST_POINTS:
        return None
    transform = _most_supported(query.places, reference.places, pairs)
    if transform is None:
        return None
    fitting = pairs
    for reach in (2.0, 1.5, 1.5):
        fitting = pairs[_fits(transform, query.places, reference.places, pairs, reach)]
        fitting = _one_each(fitting)
        if len(fitting) < LEAST_POINTS:
            return None
        transform = _fitted(query.places[fitting[:, 0]], reference.places[fitting[:, 1], :2])
        if not _plausible(transform):
            return None
    return Overlay(fitting, agreement(query, reference, transform))


def whole(query: Features, reference: Features) -> Overlay:
    """The reference laid over the whole query, edge upon edge."""
    transform = np.array([[query.width / reference.width, 0, 0], [0, query.height / reference.height, 0]])
    return Overlay(np.zeros((0, 2), dtype=np.int64), agreement(query, reference, transform))


def _alike(query: Features, reference: Features) -> NDArray[np.int64]:
    """Pairs (query's corner, reference's corner), the most alike first: for each corner the one it is most like."""
    if not len(query) or not len(reference):
        return np.zeros((0, 2), dtype=np.int64)
    apart = np.bitwise_count(query.codes[:, None, 0] ^ reference.codes[None, :, 0]).astype(np.int16)
    apart += np.bitwise_count(query.codes[:, None, 1] ^ reference.codes[None, :, 1])
    best = np.zeros(apart.shape, dtype=bool)
    best[np.arange(len(query)), apart.argmin(axis=1)] = True
    best[apart.argmin(axis=0), np.arange(len(reference))] = True
    one, other = np.nonzero(best & (apart <= ALIKE))
    order = np.argsort(apart[one, other], kind="stable")
    return np.stack([one[order], other[order]], axis=1)


def _most_supported(theirs: Floats, ours: Floats, pairs: NDArray[np.int64]) -> Affine | None:
    """Of the movements given by two pairs each, the one that most pairs fit."""
    first, second = np.triu_indices(min(TRIED, len(pairs)), 1)
    at = ours[pairs[:, 1], 0] + 1j * ours[pairs[:, 1], 1]
    to = theirs[pairs[:, 0], 0] + 1j * theirs[pairs[:, 0], 1]
    span = at[second] - at[first]
    usable = np.abs(span) > NEAREST_PAIR
    first, second, span = first[usable], second[usable], span[usable]
    turn = (to[second] - to[first]) / span
    step = np.log2(theirs[pairs[:, 0], 2] / ours[pairs[:, 1], 2])
    size = np.log2(np.maximum(np.abs(turn), 1e-6))
    usable = (np.abs(np.angle(turn)) <= FARTHEST_TURN) & (np.abs(turn) <= LARGEST) & (np.abs(turn) >= SMALLEST)
    usable &= (np.abs(size - step[first]) < STEPS_OFF) & (np.abs(size - step[second]) < STEPS_OFF)
    first, turn = first[usable], turn[usable]
    if not len(first):
        return None
    shift = to[first] - turn * at[first]
    off = np.abs(turn[:, None] * at[None] + shift[:, None] - to[None])
    fits = (off <= 2 * theirs[pairs[:, 0], 2] + 1) & (np.abs(np.log2(np.abs(turn))[:, None] - step[None]) < STEPS_OFF)
    best = int(fits.sum(axis=1).argmax())
    a, b = turn[best].real, turn[best].imag
    return np.array([[a, -b, shift[best].real], [b, a, shift[best].imag]])


def _fits(transform: Affine, theirs: Floats, ours: Floats, pairs: NDArray[np.int64], reach: float) -> NDArray[np.bool_]:
    at, to = ours[pairs[:, 1]], theirs[pairs[:, 0]]
    off = np.hypot(*(at[:, :2] @ transform[:, :2].T + transform[:, 2] - to[:, :2]).T)
    size = 0.5 * np.log2(abs(np.linalg.det(transform[:, :2])) + 1e-9)
    fits: NDArray[np.bool_] = (off <= reach * to[:, 2] + 1) & (np.abs(size - np.log2(to[:, 2] / at[:, 2])) < STEPS_OFF)
    return fits


def _one_each(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """No corner twice: many corners that fit one say nothing."""
    _, kept = np.unique(pairs[:, 0], return_index=True)
    pairs = pairs[np.sort(kept)]
    _, kept = np.unique(pairs[:, 1], return_index=True)
    return pairs[np.sort(kept)]


def _fitted(to: Floats, at: Floats) -> Affine:
    """The movement of least squares, of six numbers where there are corners enough and of four otherwise. Corners of a
    finer rung are placed more exactly and count more."""
    weight: NDArray[np.float64] = 1 / to[:, 2:].astype(np.float64)
    if len(at) >= ENOUGH_FOR_SIX:
        here = np.column_stack([at, np.ones(len(at))]).astype(np.float64) * weight
        return np.asarray(np.linalg.lstsq(here, to[:, :2] * weight, rcond=None)[0].T, dtype=np.float64)
    w: NDArray[np.float64] = weight[:, 0] ** 2
    p, q = (side[:, 0].astype(np.float64) + 1j * side[:, 1] for side in (at, to))
    p_mean, q_mean = (w @ p) / w.sum(), (w @ q) / w.sum()
    centred = p - p_mean
    turn = (w * (q - q_mean)) @ centred.conj() / max(1e-9, float(w @ np.abs(centred) ** 2))
    shift = q_mean - turn * p_mean
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def _plausible(transform: Affine) -> bool:
    """Whether a picture may be moved so: no mirror, no fold, not much wider than high."""
    linear = transform[:, :2]
    if not np.isfinite(transform).all() or np.linalg.det(linear) <= 0:
        return False
    large, small = np.linalg.svd(linear, compute_uv=False)
    turn = np.arctan2(linear[1, 0] - linear[0, 1], linear[0, 0] + linear[1, 1])
    return bool(small >= SMALLEST and large <= LARGEST and large / small <= MOST_UNEVEN and abs(turn) <= FARTHEST_TURN)
