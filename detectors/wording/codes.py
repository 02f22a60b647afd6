"""Codes: what QR codes and barcodes in a page's pictures lead to.

Owns sorting a code's content: a way to the seller off the platform, a page elsewhere, another article number than the
page gives. What a code says is a stranger's text and may be personal data: it is told by its kind and host, never
whole, and never followed.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from detectors.trademark.fields import PICTURE, domain
from models.findings import Evidence, Parameter, Stance
from models.pictures import PictureReading, PrintedCode
from models.subjects import Listing

DIVERSION, ELSEWHERE, OTHER_ARTICLE = "contact-diversion", "code-leads-away", "barcode-differs"
TOLD_AT_MOST = 2

LINK = re.compile(r"(?i)^\s*(?:https?://|//)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?::\d+)?(?:[/?#]|\s*$)")
ARTICLE_KINDS = frozenset({"ean-13", "ean-8", "upca", "upce"})
SURE, LIKELY, WEAK = 1.0, 0.6, 0.5


@dataclass(frozen=True)
class Code:
    """A code with the picture that it stands in."""

    reading: PictureReading
    code: PrintedCode

    @property
    def parameters(self) -> tuple[tuple[str, Parameter], ...]:
        corners = " ".join(f"{x},{y}" for x, y in self.code.box)
        return (
            ("picture", self.reading.content_sha256 or ""),
            ("address", self.reading.address),
            ("box", corners),
            ("code", self.code.kind),
        )


def printed_codes(readings: Sequence[PictureReading]) -> Iterator[Code]:
    """Every code of a page's pictures, one of the same content once."""
    told: set[tuple[str, str]] = set()
    for reading in readings:
        for code in reading.codes:
            if (code.kind, code.text) not in told:
                told.add((code.kind, code.text))
                yield Code(reading, code)


def code_evidence(listing: Listing, codes: Sequence[Code]) -> Iterator[Evidence]:
    """The surest of what the codes lead to, a few of each fact."""
    found = [evidence for code in codes if (evidence := _evidence(listing, code))]
    for fact in (DIVERSION, ELSEWHERE, OTHER_ARTICLE):
        of_fact = sorted((one for one in found if one.fact == fact), key=lambda one: (-one.score, one.subject_value))
        yield from of_fact[:TOLD_AT_MOST]


def _evidence(listing: Listing, code: Code) -> Evidence | None:
    if code.code.kind in ARTICLE_KINDS:
        return _article(listing, code)
    host = _host(code.code.text)
    way = _way(code.code.text, host)
    if way:
        return _told(DIVERSION, SURE, code, subject=host or way, reference=way, rule=f"cd-code-{way}")
    if host and not _on_the_platform(host, listing):
        return _told(ELSEWHERE, LIKELY, code, subject=host, reference="", rule="code-elsewhere")
    return None


def _article(listing: Listing, code: Code) -> Evidence | None:
    """An article number that the page contradicts; without one on the page it says nothing."""
    stated = re.sub(r"\D", "", listing.gtin or "").lstrip("0")
    printed = re.sub(r"\D", "", code.code.text).lstrip("0")
    if not stated or not printed or stated == printed:
        return None
    return _told(OTHER_ARTICLE, WEAK, code, subject=code.code.text, reference=listing.gtin or "", rule="barcode")


def _told(fact: str, score: float, code: Code, *, subject: str, reference: str, rule: str) -> Evidence:
    return Evidence(
        fact=fact,
        stance=Stance.FOR,
        score=score,
        field=PICTURE,
        subject_value=subject,
        reference_value=reference,
        params=(
            ("rule", rule),
            ("basis", "电子商务法第三十一条" if fact == DIVERSION else ""),
            ("trick", ""),
            ("how_zh", "二维码"),
            ("how_en", "in a code"),
            *code.parameters,
        ),
    )


def _host(text: str) -> str:
    """The host that a link leads to, "" for what is no link."""
    found = LINK.match(text)
    return found.group(1).lower() if found else ""


def _way(text: str, host: str) -> str:
    """Which way off the platform this is, "" for none: by its host and the path's beginning, or by its scheme."""
    path = text.strip().partition(host)[2].lower() if host else ""
    scheme = text.strip().partition(":")[0].lower()
    for way in _ways():
        if scheme in way["schemes"]:
            return str(way["name"])
        for place in way["hosts"]:
            known, _, begins = place.partition("/")
            if (host == known or host.endswith("." + known)) and path.startswith("/" + begins if begins else ""):
                return str(way["name"])
    return ""


def _on_the_platform(host: str, listing: Listing) -> bool:
    """A marketplace's own address, or the page's own."""
    name = domain(f"https://{host}/")
    return not name or name == domain(listing.url)


@cache
def _ways() -> tuple[dict[str, Any], ...]:
    text = resources.files("detectors.wording").joinpath("data", "codes.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["ways"])
