"""The figures of behaviour as data, read once, and how pages write moments and names."""

import json
import tomllib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from models.errors import InputError
from models.identity import digest
from models.moments import parse_moment
from models.subjects import Listing


@cache
def policy() -> dict[str, Any]:
    """`data/behaviour.toml`."""
    return tomllib.loads(_text())


@cache
def policy_version() -> str:
    return digest(_text())


def _text() -> str:
    return resources.files("detectors.behaviour").joinpath("data", "behaviour.toml").read_text("utf-8")


def attribute(listing: Listing, kind: str) -> str:
    """The first attribute under one of the names that pages use for `kind`; "" without one."""
    names = policy()["fields"][kind]
    return next((listing.attributes[name] for name in names if listing.attributes.get(name)), "")


def moment(listing: Listing, kind: str) -> datetime | None:
    """An attribute as a time; None where it is absent or unreadable."""
    text = attribute(listing, kind)
    try:
        return parse_moment(text.strip().replace("/", "-")).at if text else None
    except InputError:
        return None


def quoted_reviews(listing: Listing) -> list[tuple[str, str]]:
    """The reviews that a page quotes, as (text, day): a JSON list of texts or of records, or lines of text."""
    written = attribute(listing, "reviews")
    try:
        read = json.loads(written) if written else []
    except ValueError:
        read = written.splitlines()
    entries = read if isinstance(read, list) else []
    return [_review(entry) for entry in entries if isinstance(entry, str | dict)]


def _review(entry: str | dict[str, Any]) -> tuple[str, str]:
    if isinstance(entry, str):
        return entry, ""
    text = next((entry[name] for name in ("text", "content", "body", "reviewBody", "内容") if entry.get(name)), "")
    day = next((entry[name] for name in ("date", "time", "datePublished", "created_at", "时间") if entry.get(name)), "")
    return str(text), str(day)[:10]
