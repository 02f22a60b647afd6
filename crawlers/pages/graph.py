"""Structured data of a page as one list of nodes: JSON-LD and microdata, read by extruct, script by script.

Owns: getting every script that can be read although another is malformed, mending the usual faults (comments, trailing
commas, raw line breaks, HTML comments, entities), and telling what a node is and under which property it hangs.
Leaves to others: what a product is (`products`).
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from extruct.jsonld import JsonLdExtractor
from extruct.w3cmicrodata import MicrodataExtractor

from crawlers.pages.tree import HtmlElement

JSON_LD, MICRODATA = "json-ld", "microdata"
MAX_DEPTH = 40
MAX_NODES = 20_000

_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*;?\s*$"
)


class Node(NamedTuple):
    """One item: its schema.org types in lower case without the address, its properties by local name, the names of the
    properties it hangs under (outermost first), its syntax, and the element it was written on (microdata only)."""

    types: frozenset[str]
    values: Mapping[str, Any]
    path: tuple[str, ...]
    syntax: str


def read_graph(tree: HtmlElement, base_url: str) -> list[Node]:
    """Every typed node of the page in reading order, JSON-LD first."""
    nodes: list[Node] = []
    for item in _json_ld(tree, base_url):
        nodes.extend(_walk(item, (), JSON_LD, 0))
    for item in _microdata(tree, base_url):
        nodes.extend(_walk(_flat(item), (), MICRODATA, 0))
    return nodes[:MAX_NODES]


def _json_ld(tree: HtmlElement, base_url: str) -> Iterator[Any]:
    extractor = JsonLdExtractor()
    scripts = tree.xpath("//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]")
    for script in scripts:
        script.set("type", "application/ld+json")
        try:
            yield from extractor.extract_items(script, base_url=base_url)
        except (ValueError, RecursionError):
            yield from _mended(script, extractor, base_url)


def _mended(script: HtmlElement, extractor: JsonLdExtractor, base_url: str) -> list[Any]:
    """Items of a script that is not quite JSON: the usual faults are mended, one after another."""
    text = _WRAPPING.sub("", _WRAPPING.sub("", (script.text or "").strip())).strip().rstrip(";")
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text), _TRAILING_COMMA.sub(r"\1", html.unescape(text))):
        try:
            script.text = candidate
            return list(extractor.extract_items(script, base_url=base_url))
        except (ValueError, RecursionError):
            continue
    return []


def _microdata(tree: HtmlElement, base_url: str) -> list[Any]:
    try:
        found: list[Any] = MicrodataExtractor().extract_items(tree, base_url=base_url)
    except (ValueError, TypeError, RecursionError, AttributeError):
        return []
    return found


def _flat(item: Any) -> Any:
    """extruct's microdata shape as JSON-LD's: type and properties side by side."""
    if isinstance(item, list):
        return [_flat(part) for part in item]
    if not isinstance(item, Mapping) or "properties" not in item:
        return item
    flat = {name: _flat(value) for name, value in item["properties"].items()}
    return {**flat, "@type": item.get("type", "")}


def _walk(item: Any, path: tuple[str, ...], syntax: str, depth: int) -> Iterator[Node]:
    if depth > MAX_DEPTH:
        return
    if isinstance(item, list):
        for part in item:
            yield from _walk(part, path, syntax, depth + 1)
    elif isinstance(item, Mapping):
        values = {local_name(str(name)): value for name, value in item.items()}
        types = types_of(values)
        if types:
            yield Node(types, values, path, syntax)
        for name, value in values.items():
            if isinstance(value, (list, Mapping)):
                yield from _walk(value, (*path, name), syntax, depth + 1)


def types_of(values: Mapping[str, Any]) -> frozenset[str]:
    """The node's types without vocabulary, lower case."""
    declared = values.get("@type") or values.get("type")
    names = declared if isinstance(declared, list) else [declared]
    return frozenset(local_name(name).lower() for name in names if isinstance(name, str) and name)


def local_name(name: str) -> str:
    """`http://schema.org/price` and `schema:price` as `price`; `@type` stays."""
    return re.split(r"[/#:]", name.rstrip("/"))[-1] if not name.startswith("@") else name


def first_text(value: Any, *names: str) -> str:
    """A property's value as text: the first of a list, a record's `name`, `@value` or one of `names`."""
    if isinstance(value, list):
        return next((text for text in (first_text(part, *names) for part in value) if text), "")
    if isinstance(value, Mapping):
        for name in (*names, "name", "@value", "value", "url", "contentUrl", "@id"):
            if text := first_text(value.get(name)):
                return text
        return ""
    if value is None or isinstance(value, bool):
        return ""
    return html.unescape(str(value)).strip()


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
