"""Nearness by ranking: what must outrank what, whatever the weights are. The rows stand in `ranking.toml`.

Three ways to rank: the comparators alone, whole pages through detectors and triage, and the lookup of a text.
"""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from detectors.trademark import MarkIndex, TrademarkDetector, nearest
from detectors.trademark.oracle import sights
from detectors.triage import assess
from detectors.wording import WordingDetector
from models.context import Context
from models.findings import Observation
from models.registry import AuthorisedSeller, Mark, Registry
from models.subjects import Listing, Seller

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("ranking.toml").read_text("utf-8"))
ROWS_AT_LEAST = 150
WANTED_AT_MOST = 15


@cache
def registry() -> Registry:
    marks = TABLE["marks"].items()
    return Registry(
        marks=tuple(
            Mark.model_validate(
                {"mark_id": text, "text": text, "nice_classes": said["classes"]}
                | {key: value for key, value in said.items() if key not in ("classes", "sellers")}
            )
            for text, said in marks
        ),
        authorised=tuple(
            AuthorisedSeller(mark_id=text, seller_name=name) for text, said in marks for name in said.get("sellers", ())
        ),
    )


@cache
def context() -> Context:
    return Context(registry=registry(), as_of=AS_OF, snapshots={"marks": MarkIndex.build(registry())})


def rows(kind: str) -> Iterator[Any]:
    """The rows of one kind; those still wanted must fail."""
    for group in TABLE[kind]:
        goods = [group["class"]] if "class" in group else []
        for row in group["rows"]:
            yield pytest.param(*goods, *row, id=" > ".join(row))
    for row in TABLE["wanted"].get(kind, ()):
        yield pytest.param(*row, id="wanted: " + " > ".join(map(str, row)), marks=pytest.mark.xfail(strict=True))


def nearness(text: str, mark: str) -> float:
    """The score of the best sight of the mark in the text; 0 when there is none."""
    return max((sight.likeness.score for sight in sights(text, [mark])), default=0.0)


def page(said: str, goods: int) -> Listing:
    """`title | field=value | …` as a listing; `class` is short for the class of goods, `seller` for the shop."""
    title, *fields = (part.strip() for part in said.split("|"))
    values: dict[str, Any] = dict(field.split("=", 1) for field in fields)
    base: dict[str, Any] = {"listing_id": "1", "platform": "集市", "title": title}
    told = values.pop("class", str(goods))
    base["nice_class"] = None if told == "unknown" else int(told)
    base["seller"] = Seller(name=values.pop("seller", ""))
    return Listing.model_validate({**base, **values})


def lead(said: str, goods: int) -> float:
    """The score of the lead that the page would be; 0 where nothing is found."""
    subject = page(said, goods)
    found = [
        finding
        for detector in (TrademarkDetector(), WordingDetector())
        for findings in detector.detect([Observation(subject)], context())
        for finding in findings
    ]
    return assess(found, registry(), AS_OF, subject).score


@pytest.mark.parametrize(("mark", "nearer", "further"), list(rows("texts")))
def test_a_text_outranks(mark: str, nearer: str, further: str) -> None:
    assert nearness(nearer, mark) > nearness(further, mark)


@pytest.mark.parametrize(("goods", "worse", "better"), list(rows("pages")))
def test_a_page_outranks(goods: int, worse: str, better: str) -> None:
    assert lead(worse, goods) > lead(better, goods)


@pytest.mark.parametrize(("text", "first", "second"), list(rows("lookups")))
def test_a_mark_outranks_in_a_lookup(text: str, first: str, second: str) -> None:
    index = context().snapshot("marks", MarkIndex)
    order = [hit.mark_id for hit in nearest(text, index, registry(), top=len(registry().marks))]
    assert order.index(first) < order.index(second)


def test_the_table_is_as_long_as_it_should_be_and_its_marks_are_known() -> None:
    kinds = ("texts", "pages", "lookups")
    told = [tuple(map(str, row)) for kind in kinds for group in TABLE[kind] for row in group["rows"]]
    wanted = [row for kind in kinds for row in TABLE["wanted"].get(kind, ())]
    assert len(told) >= ROWS_AT_LEAST
    assert len(set(told)) == len(told)
    assert len(wanted) <= WANTED_AT_MOST
    assert {mark for group in TABLE["lookups"] for row in group["rows"] for mark in row[1:]} <= TABLE["marks"].keys()


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("KESTREL", "KEST"),
        ("晴川", "川"),
        ("晴川", "清泉"),
        ("OSI", "051"),
        ("晴川", "🙂🙂"),
        ("SAS", "505"),
        ("1-2-3", "1#2#3"),
        ("MACE", "mac口"),
    ],
)
def test_is_not_near_at_all(mark: str, text: str) -> None:
    assert nearness(text, mark) == 0
