"""The design's values: every pair of colours that meet can be read (WCAG 2.2 AA), by day and by night; no style names a
value of its own; every room is linked."""

import re
from importlib import resources
from pathlib import Path

import pytest

from review_api.console.assets import SHEET
from review_api.console.themes import STYLES
from tests.review_api.conftest import Caller

ROOMS = Path(str(resources.files("review_api.console"))) / "static" / "styles"
TEXT, PART = 4.5, 3.0  # contrast that letters need, and that edges of controls and marks of state need

# Letters on surfaces, as the styles put them together.
ON_SURFACES = ("paper", "surface", "surface-soft")
LETTERS: dict[str, tuple[str, ...]] = {
    "ink": (*ON_SURFACES, "surface-sunk", "row-hover", "row-here", "accent-soft"),
    "ink-soft": (*ON_SURFACES, "surface-sunk", "row-hover", "row-here", "accent-soft", "for-soft", "against-soft"),
    "accent": (*ON_SURFACES, "row-hover", "row-here", "accent-soft"),
    "accent-hover": (*ON_SURFACES, "row-hover", "row-here"),
    "accent-ink": ("accent", "accent-hover"),
    "for": (*ON_SURFACES, "for-soft", "row-hover", "row-here"),
    "against": (*ON_SURFACES, "against-soft"),
    "warn": ("warn-soft",),
    "wrong": ("wrong-soft", "surface"),
    "mark-ink": ("mark",),
}
# Edges of what is pressed, the ring of focus, bars and points of charts.
PARTS: dict[str, tuple[str, ...]] = {
    "line-strong": ("surface", "paper"),
    "focus": (*ON_SURFACES, "row-hover", "row-here", "accent-soft"),
    "accent": ("surface-sunk",),
    "for-fill": ("surface", "surface-sunk"),
    "against-fill": ("surface", "surface-sunk"),
    "seal": ("surface", "paper"),
}
# Seen, and nothing rests on their being seen.
ORNAMENTS = {"line", "accent-line", "for-line", "against-line", "warn-line", "wrong-line"}


def values(*sheets: str) -> dict[str, str]:
    """The values that hold once these sheets are linked."""
    found: dict[str, str] = {}
    for sheet in sheets:
        text = re.sub(r"/\*.*?\*/", "", (ROOMS / f"{sheet}.css").read_text("utf-8"), flags=re.DOTALL)
        found |= dict(re.findall(r"--([\w-]+):\s*([^;]+);", text))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, by WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faint(colours: dict[str, str]) -> list[str]:
    """Pairs that cannot be told apart well enough."""
    return [
        f"{front} on {back}: {contrast(colours[front], colours[back]):.2f} < {least}"
        for least, pairs in ((TEXT, LETTERS), (PART, PARTS))
        for front, backs in pairs.items()
        for back in backs
        if contrast(colours[front], colours[back]) < least
    ]


@pytest.mark.parametrize("sheets", [("tokens",), ("tokens", "dark")], ids=["light", "dark"])
def test_every_pair_of_colours_can_be_read(sheets: tuple[str, ...]) -> None:
    assert faint(values(*sheets)) == []


def test_a_faint_pair_is_caught() -> None:
    """Negative control, with the contrast of a known pair: #777777 on white is 4.48."""
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert faint(values("tokens") | {"ink-soft": "#8a8d90"})


def test_every_colour_stands_in_a_pair_or_is_an_ornament() -> None:
    colours = {name for name, value in values("tokens").items() if value.startswith("#")}
    paired = {*LETTERS, *PARTS, *(back for pairs in (LETTERS, PARTS) for backs in pairs.values() for back in backs)}
    assert colours - paired == ORNAMENTS
    assert not ORNAMENTS & paired


def test_the_night_names_every_colour_of_the_day_and_nothing_else() -> None:
    day, night = values("tokens"), values("dark")
    assert {name for name, value in day.items() if re.match("#|.*rgb|none", value)} == set(night)


def test_every_room_is_on_the_sheet_or_linked(anybody: Caller) -> None:
    """Values first, then the rooms; the night after them, so that its values hold; paper last."""
    rooms = {path.stem: path.read_text("utf-8") for path in ROOMS.glob("*.css")}
    assert set(rooms) == {*STYLES, "tokens", "dark", "print"}
    sheet = anybody.get(f"/static/{SHEET}")
    assert sheet.headers["content-type"].startswith("text/css")
    assert sheet.text == "\n".join(rooms[room] for room in ("tokens", *STYLES))
    linked = re.findall(r'<link rel="stylesheet" href="/static/([\w/.]+)', anybody.get("/signin").text)
    assert linked == [SHEET, "styles/dark.css", "styles/print.css"]
    assert anybody.post(f"/static/{SHEET}").status_code in {401, 405}


@pytest.mark.parametrize("room", STYLES)
def test_rooms_take_their_values_from_the_tokens(room: str) -> None:
    text = re.sub(r"/\*.*?\*/", "", (ROOMS / f"{room}.css").read_text("utf-8"), flags=re.DOTALL)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", text), "a colour of its own"
    assert set(re.findall(r"var\(--([\w-]+)", text)) <= set(values("tokens")), "a value that does not exist"


def test_every_value_is_used() -> None:
    used = {name for path in ROOMS.glob("*.css") for name in re.findall(r"var\(--([\w-]+)", path.read_text("utf-8"))}
    assert set(values("tokens")) <= used


@pytest.mark.parametrize("sheets", [("tokens",)])
def test_what_is_pressed_is_large_enough(sheets: tuple[str, ...]) -> None:
    """WCAG 2.2, 2.5.8: at least 24 by 24; and the styles of controls ask for these values."""
    given = values(*sheets)
    assert int(given["target-least"].removesuffix("px")) >= 24
    assert int(given["target"].removesuffix("px")) >= 24
    controls = (ROOMS / "controls.css").read_text("utf-8")
    for selector in ("button, .button", "input, select, textarea"):
        rule = controls[controls.index(f"\n{selector} {{") :].split("}")[0]
        assert "min-height: var(--target)" in rule
