"""Charts: what the server draws is true to the counts, and whole without the library."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from review_api.app import create_app
from review_api.console.assets import library_built
from review_api.console.charts import HEIGHT, LEFT, LIBRARY, RIGHT, TOP, WIDTH, Histogram, evenly
from review_api.settings import ReviewSettings
from tests.review_api.conftest import Caller
from tests.review_api.world import World

PRICES = Histogram(
    edges=(10.0, 20.0, 40.0, 80.0),
    counts=(1, 4, 2),
    labels=("10", "20", "40", "80"),
    here=15.0,
    here_label="本页 ¥15",
    middle=60.0,
    middle_label="中位 ¥60",
)


def test_bars_are_as_tall_as_their_counts() -> None:
    heights = [bar.height for bar in PRICES.bars]
    assert heights[1] == pytest.approx(4 * heights[0], abs=0.1)
    assert heights[2] == pytest.approx(2 * heights[0], abs=0.1)
    assert min(bar.y for bar in PRICES.bars) == pytest.approx(TOP, abs=0.1)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH and bar.y + bar.height <= HEIGHT for bar in PRICES.bars)
    assert PRICES.total == 7


def test_values_stand_among_the_bins_they_fall_into() -> None:
    assert [PRICES.share(value) for value in (5, 10, 15, 60, 80, 900)] == pytest.approx([0, 0, 1 / 6, 5 / 6, 1, 1])
    assert PRICES.share(None) is None
    assert PRICES.across(10) == LEFT
    assert PRICES.across(80) == WIDTH - RIGHT


def test_an_empty_sample_draws_nothing_and_breaks_nothing() -> None:
    empty = Histogram(edges=(0.0, 1.0), counts=(0,), labels=("0", "1"), here=0.5)
    assert (empty.total, empty.bars[0].height, empty.share(0.5)) == (0, 0, 0.5)
    assert Histogram(edges=(0.0,), counts=(), labels=("0",)).share(3) is None


def test_edges_and_counts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one edge"):
        Histogram(edges=(0.0, 1.0), counts=(1, 2), labels=("0", "1"))


def test_no_value_is_lost_between_even_bins() -> None:
    values = [-3.0, 0.0, 0.1, 2.4999, 2.5, 9.9, 10.0, 44.0]
    edges, counts = evenly(values, bins=4, low=0.0, high=10.0)
    assert edges == (0.0, 2.5, 5.0, 7.5, 10.0)
    assert counts == (4, 1, 0, 3)


def test_what_the_script_draws_from_is_what_the_server_drew() -> None:
    data = json.loads(PRICES.data())
    assert data["counts"] == [1, 4, 2]
    assert data["labels"] == ["10 – 20", "20 – 40", "40 – 80"]
    assert data["here"] == pytest.approx(1 / 6)


@pytest.mark.parametrize("built", [False, True])
def test_a_chart_is_whole_with_and_without_the_library(
    world: World, portal: Any, monkeypatch: pytest.MonkeyPatch, built: bool
) -> None:
    monkeypatch.setattr("review_api.console.pages.library_built", lambda: built)
    caller = Caller(create_app(world.store, world.objects, world.port, ReviewSettings()), portal)
    caller.enter(world, "linhai")
    page = caller.get("/triage").text
    assert ("/static/third-party/chart.js" in page) is built
    drawing = re.search(r"<svg class=\"chart-drawing\".*?</svg>", page, re.DOTALL)
    assert drawing is not None
    assert drawing.group().count("chart-bar") >= 20
    assert "样本" in page
    assert re.search(r'role="img" aria-label="[^"]*样本 \d+', page)
    table = page[page.index("chart-table") :]
    assert (
        sum(int(count) for count in re.findall(r'<td class="number">(\d+)</td>', table[: table.index("</table>")])) >= 1
    )


def test_the_library_is_served_when_it_was_built(officer: Caller) -> None:
    assert officer.get(f"/static/{LIBRARY}").status_code == (200 if library_built() else 404)


def test_nothing_of_third_parties_is_committed() -> None:
    root = Path(__file__).parents[3]
    ignored = (root / ".gitignore").read_text("utf-8").split()
    assert "review_api/console/static/third-party/" in ignored
    lock = json.loads((root / "requirements" / "assets" / "package-lock.json").read_text("utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in packages)
