"""A page as a tree of elements. Owns: parsing, and the one place where lxml is imported."""

import re
from typing import Any

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")  # what no tree can hold

HtmlElement = Any  # lxml ships no types: elements are used by tag, get, text, itertext, xpath


def parse(text: str) -> HtmlElement | None:
    """The page as a tree; None when there is nothing to parse."""
    cleaned = _CONTROLS.sub(" ", text).lstrip("\ufeff")
    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        return lxml.html.document_fromstring(cleaned.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.ParserError, ValueError):
        return None
