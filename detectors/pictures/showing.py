"""Showing: how one picture lies over another, in words that a page can draw.

Owns the way from an overlay to places in both pictures. Finding the overlay is `detectors.pictures.overlay`.
"""

import numpy as np

from detectors.pictures.features import Features, unpacked
from detectors.pictures.overlay import Overlay, overlay, whole
from models.pictures import PictureLaid, PictureReading, Place

MOST_POINTS = 24


def laid_over(query: PictureReading, reference: PictureReading, *, mirrored: bool, partly: bool) -> PictureLaid | None:
    """How the reference lies over the query. Where the hashes of the whole agree (not `partly`), edge upon edge, should
    corners not tell it better; None where neither was read so far."""
    theirs, ours = unpacked(query.features), unpacked(reference.features)
    if theirs is None or ours is None:
        return None
    seen = theirs.in_mirror() if mirrored else theirs
    laid = overlay(seen, ours)
    if laid is None:
        if partly:
            return None
        laid = whole(seen, ours)
    return _told(seen, ours, laid, mirrored=mirrored)


def _told(query: Features, reference: Features, laid: Overlay, *, mirrored: bool) -> PictureLaid:
    def placed(x: float, y: float) -> Place:
        across, down = x / query.width, y / query.height
        return (round(1 - across if mirrored else across, 4), round(down, 4))

    points = tuple(
        (
            placed(*query.places[theirs, :2].tolist()),
            (
                round(float(reference.places[ours, 0]) / reference.width, 4),
                round(float(reference.places[ours, 1]) / reference.height, 4),
            ),
        )
        for theirs, ours in _spread(laid, reference)
    )
    corners = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]) * [reference.width, reference.height, 1]
    frame = [placed(*at) for at in (corners @ laid.seen.transform.T).tolist()]
    return PictureLaid(
        points=points,
        frame=(frame[0], frame[1], frame[2], frame[3]),
        agreeing=laid.seen.agreeing,
        related=laid.seen.related,
        mirrored=mirrored,
    )


def _spread(laid: Overlay, reference: Features) -> list[tuple[int, int]]:
    """Some of the corners that fit, from all over the picture: each the farthest from those before it."""
    pairs = laid.pairs
    if not len(pairs):
        return []
    at = reference.places[pairs[:, 1], :2]
    chosen = [0]
    away = np.hypot(*(at - at[0]).T)
    while len(chosen) < min(MOST_POINTS, len(pairs)):
        farthest = int(away.argmax())
        chosen.append(farthest)
        away = np.minimum(away, np.hypot(*(at - at[farthest]).T))
    return [(int(pairs[place, 0]), int(pairs[place, 1])) for place in chosen]
