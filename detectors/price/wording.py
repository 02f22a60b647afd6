"""Words that explain a low price: used goods, accessories, part payments, samples, promotions.

Owns finding them in a title and its category. Leaves the words to `detectors/price/data/wording.toml` and what they
change to `detectors.price.comparison`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

USED = "price-not-of-new-goods"
ACCESSORY = "price-of-accessory"
FITTING = "fitting"  # no fact of its own: words that make goods an accessory when they stand before the mark
REFURBISHED = "price-of-refurbished"
FROM_OPTIONS = "price-from-options"
SERVICE = "price-of-service"
PART_PAYMENT = "price-of-part-payment"
PLACEHOLDER = "price-placeholder"
SAMPLE = "price-of-sample"
PROMOTION = "price-under-promotion"


@dataclass(frozen=True)
class Words:
    """One pattern for each fact, and one for `FITTING`."""

    patterns: dict[str, re.Pattern[str]]

    def find(self, fact: str, text: str) -> re.Match[str] | None:
        """The first such word in `text`, None without one."""
        return self.patterns[fact].search(text)


@cache
def words() -> Words:
    """The shipped words, read once, on first use."""
    text = resources.files("detectors.price").joinpath("data", "wording.toml").read_text("utf-8")
    table = tomllib.loads(text)
    given = "".join(f"(?<!{re.escape(word)})" for word in table.pop("given_with"))
    kept = "(?!" + "|".join(map(re.escape, table.pop("kept_with"))) + ")"
    return Words(
        {fact: _pattern(entry["words"], entry.get("patterns", []), given, kept) for fact, entry in table.items()}
    )


def _pattern(spellings: list[str], patterns: list[str], given: str, kept: str) -> re.Pattern[str]:
    parts = list(patterns)
    for word in sorted(spellings, key=len, reverse=True):
        written = re.escape(word)
        if word[0].isascii() and word[0].isalnum():
            written = rf"(?<![A-Za-z0-9]){written}"
        if word[-1].isascii() and word[-1].isalnum():
            written = rf"{written}(?![A-Za-z0-9])"
        parts.append(written)
    return re.compile(given + "(?:" + "|".join(parts) + ")" + kept, re.IGNORECASE)
