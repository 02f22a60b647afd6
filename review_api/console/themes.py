"""Light or dark: what a page is shown in, as the address asks, as this browser remembers, or as its system says. And
the style sheets of the console in their order, each a room of `static/styles`."""

from typing import Literal

from fastapi import Request

Theme = Literal["system", "light", "dark"]

THEMES: tuple[Theme, ...] = ("system", "light", "dark")
THEME_COOKIE = "jianzhen-theme"
# The values first, then elements, the frame, pieces, and last the pages that put them together.
STYLES = (
    "text", "frame", "controls", "pieces", "tables", "charts", "queue", "desk", "lead", "case", "liaison", "access",
    "rights", "copies",
)  # fmt: skip
# When the values for the night are in force. On paper they never are.
DARK_MEDIA: dict[Theme, str] = {"system": "screen and (prefers-color-scheme: dark)", "light": "", "dark": "screen"}


def theme_of(request: Request) -> Theme:
    """What `?theme=` asks for, otherwise the cookie, otherwise as the system says."""
    for wish in (request.query_params.get("theme"), request.cookies.get(THEME_COOKIE)):
        for theme in THEMES:
            if wish == theme:
                return theme
    return "system"
