"""A page's bytes as text: what the server declares, the page itself says, or the bytes show.

Owns: choosing the encoding, and not trusting a declaration that the bytes contradict. Leaves to others: parsing.
"""

from typing import NamedTuple

from w3lib.encoding import html_to_unicode

CANDIDATES = ("utf-8", "gb18030", "big5", "shift_jis", "euc-kr", "cp1252")
TOLERATED = 0.001  # share of characters that a stray byte may spoil before a declaration is doubted


class PageText(NamedTuple):
    """Decoded text and the encoding used."""

    text: str
    encoding: str


def decode(body: bytes, content_type: str = "") -> PageText:
    """Decode a page. The declared encoding (header, byte-order mark, meta) wins unless the bytes are not of it."""
    encoding, text = html_to_unicode(content_type or None, body, auto_detect_fun=_guess, default_encoding="utf-8")
    if _spoilt(text) <= TOLERATED:
        return PageText(text, encoding)
    return min((PageText(text, encoding), *_other_readings(body)), key=lambda page: _spoilt(page.text))


def _guess(body: bytes) -> str | None:
    return next((encoding for encoding in CANDIDATES if _reads(body, encoding)), None)


def _other_readings(body: bytes) -> list[PageText]:
    return [PageText(body.decode(name, "replace"), name) for name in CANDIDATES[:-1]]


def _reads(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _spoilt(text: str) -> float:
    return text.count("\ufffd") / max(1, len(text))
