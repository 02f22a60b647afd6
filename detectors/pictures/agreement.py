"""Agreement: how far two pictures show the same where one lies over the other.

Owns the comparison of small grey pictures patch by patch. Where one lies over the other is
`detectors.pictures.overlay`; what agreement makes a copy is `detectors.pictures.matching`. Corners that fit speak of
the same goods; patches that fit, background and all, speak of the same photograph. What was laid over a copy (a banner,
a frame) agrees in nothing; another photograph of the same goods agrees half-way nearly everywhere. So patches are
counted at three heights: what was printed over a copy half seen through disturbs the patches that it crosses, and
leaves the others as they were to the last degree, which no other photograph does.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detectors.pictures.features import Features, Floats

PATCH = 6
TEXTURE = 8.0
"""Patches whose light varies less than this in both pictures tell nothing; in grey levels of 256."""
FAINT = 1.0
RELATED = 0.4
AGREEING = 0.9
EXACT = 0.99

REFINED = 2
CERTAIN = 0.95
LEAST_REFINED = 6
FARTHEST_REFINED = 4.0

Affine = NDArray[np.float64]
"""(2, 3): takes a point (x, y, 1) of one picture to one of another."""


class Agreement(NamedTuple):
    """Of `textured` patches where the pictures overlap, `related` show something alike, `agreeing` the same, and
    `exact` the same but for compression.
    `share` is how much of the reference lies within the query, `of_query` how much of the query within the
    reference. `transform` takes points of the reference's working picture to the query's, after a last correction."""

    transform: Affine
    textured: int
    related: int
    agreeing: int
    exact: int
    share: float
    of_query: float


class _Patches(NamedTuple):
    """Patches with texture: which of all they are, their light without its mean, and how alike they are, -1..1."""

    which: NDArray[np.int64]
    ours: Floats
    theirs: Floats
    alike: Floats


def agreement(query: Features, reference: Features, transform: Affine) -> Agreement:
    """Compare what lies on top of one another when the reference is moved by `transform`."""
    size = float(np.sqrt(np.linalg.det(transform[:, :2])))
    fine = max(reference.width / reference.thumb.shape[1], query.width / query.thumb.shape[1] / size)
    ours = _scaled(reference.thumb, reference.width / fine, reference.height / fine)
    theirs = _scaled(query.thumb, query.width / (fine * size), query.height / (fine * size))
    from_ours = np.diag([reference.width / ours.shape[1], reference.height / ours.shape[0]])
    to_theirs = np.diag([theirs.shape[1] / query.width, theirs.shape[0] / query.height])
    laid = to_theirs @ np.column_stack([transform[:, :2] @ from_ours, transform[:, 2]])
    found, inside = _compared(ours, theirs, laid)
    for _ in range(REFINED):
        if not _in_doubt(found.alike):
            break
        laid = _refined(theirs, laid, ours.shape, found)
        found, inside = _compared(ours, theirs, laid)
    alike = found.alike
    back = np.linalg.inv(to_theirs) @ laid
    share = float(inside.mean())
    of_query = share * ours.size * abs(float(np.linalg.det(laid[:, :2]))) / theirs.size
    return Agreement(
        np.column_stack([back[:, :2] @ np.linalg.inv(from_ours), back[:, 2]]),
        len(alike),
        int((alike >= RELATED).sum()),
        int((alike >= AGREEING).sum()),
        int((alike >= EXACT).sum()),
        share,
        min(1.0, of_query),
    )


def _scaled(thumb: NDArray[np.uint8], wide: float, high: float) -> Floats:
    size = (max(2, round(wide)), max(2, round(high)))
    return np.asarray(Image.fromarray(thumb).convert("F").resize(size, Image.Resampling.BILINEAR), dtype=np.float32)


def _centres(shape: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    return x, y


def _seen(theirs: Floats, laid: Affine, shape: tuple[int, ...]) -> tuple[Floats, NDArray[np.bool_]]:
    """What the other picture shows at each point of one of that shape, and whether it reaches so far."""
    x, y = _centres(shape)
    to_x = laid[0, 0] * x + laid[0, 1] * y + laid[0, 2] - 0.5
    to_y = laid[1, 0] * x + laid[1, 1] * y + laid[1, 2] - 0.5
    high, wide = theirs.shape
    inside = (to_x >= -0.5) & (to_x <= wide - 0.5) & (to_y >= -0.5) & (to_y <= high - 0.5)
    to_x, to_y = np.clip(to_x, 0, wide - 1.001), np.clip(to_y, 0, high - 1.001)
    left, top = to_x.astype(np.int64), to_y.astype(np.int64)
    right, low = to_x - left, to_y - top
    upper = theirs[top, left] * (1 - right) + theirs[top, left + 1] * right
    lower = theirs[top + 1, left] * (1 - right) + theirs[top + 1, left + 1] * right
    return (upper * (1 - low) + lower * low).astype(np.float32), inside


def _patches(ours: Floats, theirs: Floats, inside: NDArray[np.bool_]) -> _Patches:
    which = np.flatnonzero(_cut(inside).all(axis=1))
    one, other = (_centred(_cut(values)[which]) for values in (ours, theirs))
    own, others = (np.sqrt((values**2).mean(axis=1)) for values in (one, other))
    kept = np.maximum(own, others) >= TEXTURE
    alike = (one * other).mean(axis=1) / np.maximum(own * others, 1e-6)
    alike = np.where(np.minimum(own, others) >= FAINT, alike, 0)
    return _Patches(which[kept], one[kept], other[kept], alike[kept])


def _cut(values: NDArray[Any]) -> NDArray[Any]:
    """Patch by patch, (patches, points of one); what is left over at the right and the bottom is left out."""
    high, wide = (side // PATCH for side in values.shape)
    whole = values[: high * PATCH, : wide * PATCH].reshape(high, PATCH, wide, PATCH)
    return whole.transpose(0, 2, 1, 3).reshape(high * wide, PATCH * PATCH)


def _centred(values: NDArray[Any]) -> Floats:
    light = values.astype(np.float32)
    centred: Floats = light - light.mean(axis=1, keepdims=True)
    return centred


def _compared(ours: Floats, theirs: Floats, laid: Affine) -> tuple[_Patches, NDArray[np.bool_]]:
    shown, inside = _seen(theirs, laid, ours.shape)
    return _patches(ours, shown, inside), inside


def _in_doubt(alike: Floats) -> bool:
    """Whether a better fit could change what is made of the patches: some are related, and not nearly all agree."""
    related, agreeing = (alike >= RELATED).sum(), (alike >= AGREEING).sum()
    return bool(related >= LEAST_REFINED and agreeing < CERTAIN * related)


def _refined(theirs: Floats, laid: Affine, shape: tuple[int, ...], found: _Patches) -> Affine:
    """One step of Gauss and Newton towards the movement under which related patches are most alike (Lucas and Kanade,
    1981); the same movement where it would go far."""
    used = found.alike >= RELATED
    which = found.which[used]
    down, across = (np.asarray(slope) for slope in np.gradient(_seen(theirs, laid, shape)[0]))
    x, y = (_cut(values)[which] for values in _centres(shape))
    one, other = (values[used] / _spread_of(values[used]) for values in (found.ours, found.theirs))
    across, down = (_centred(_cut(values)[which]) / _spread_of(found.theirs[used]) for values in (across, down))
    steps = np.stack([across * x, across * y, across, down * x, down * y, down], axis=-1).reshape(-1, 6)
    square = steps.T @ steps
    solved = np.linalg.solve(square + np.eye(6) * 1e-9 * np.trace(square), steps.T @ (one - other).ravel())
    moved = np.vstack([np.eye(3)[:2] + solved.reshape(2, 3), [0, 0, 1]])
    corners = np.array([[x, y, 1] for x in (0, shape[1]) for y in (0, shape[0])])
    if np.abs((corners @ moved.T - corners)[:, :2]).max() > FARTHEST_REFINED:
        return laid
    refined: Affine = laid[:, :2] @ moved[:2] + np.column_stack([np.zeros((2, 2)), laid[:, 2]])
    return refined


def _spread_of(values: Floats) -> Floats:
    spread: Floats = np.sqrt((values**2).mean(axis=1, keepdims=True)) + np.float32(1e-6)
    return spread
