"""hits.jsonl, what `lookup` writes, and the list of queries it reads.

Owns: one line a query with its ranked hits, and reading texts.txt or pictures.txt.
Leaves to others: ranking (`detectors`).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from models.formats.lines import read_lines
from models.formats.rejects import Rejects


class HitEntry(NamedTuple):
    """One registry entry near a query: `goods_id` is None for the mark itself; the explanation in both languages."""

    mark_id: str
    goods_id: str | None
    score: float
    zh: str
    en: str


def hit_line(query: str, hits: Sequence[HitEntry]) -> dict[str, Any]:
    """One line of hits.jsonl, best first as given."""
    return {
        "query": query,
        "hits": [
            {
                "mark_id": hit.mark_id,
                "goods_id": hit.goods_id,
                "score": hit.score,
                "explanation": {"zh": hit.zh, "en": hit.en},
            }
            for hit in hits
        ],
    }


def read_queries(path: Path, rejects: Rejects) -> Iterator[str]:
    """Each non-empty line of a text file, in order, without blanks around it."""
    for line in read_lines(path, rejects):
        query = line.text.strip()
        if query:
            yield query
