"""The version of the price detector's tables: one digest over all of them."""

from functools import cache
from importlib import resources

from models.identity import digest


@cache
def tables_digest() -> str:
    """Eight hex digits that change with any table in `detectors/price/data`."""
    entries = resources.files("detectors.price").joinpath("data").iterdir()
    texts = {entry.name: entry.read_text("utf-8") for entry in entries if entry.name.endswith(".toml")}
    return digest(texts)[:8]
