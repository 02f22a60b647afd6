"""Marking: which stretches of a text a finding is about, so that a page can mark them."""

from collections.abc import Iterable
from typing import NamedTuple

from models.findings import Finding, Stance


class Stretch(NamedTuple):
    """A piece of a text, and whether findings are about it."""

    text: str
    marked: bool


def stretches(text: str, findings: Iterable[Finding], field: str) -> tuple[Stretch, ...]:
    """The text in pieces: marked where a finding *for* names a span of this field. Spans count code points, end
    exclusive; overlapping ones are one piece, and what lies outside the text is ignored."""
    spans = sorted(
        (max(0, finding.span[0]), min(len(text), finding.span[1]))
        for finding in findings
        if finding.span is not None and finding.field == field and finding.stance is Stance.FOR
    )
    pieces: list[Stretch] = []
    end = 0
    for start, stop in _merged(spans):
        if start > end:
            pieces.append(Stretch(text[end:start], marked=False))
        pieces.append(Stretch(text[start:stop], marked=True))
        end = stop
    if end < len(text):
        pieces.append(Stretch(text[end:], marked=False))
    return tuple(pieces)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in spans:
        if start >= stop:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged
