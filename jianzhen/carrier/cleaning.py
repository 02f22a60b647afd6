"""Taking personal data out of texts that are kept: what the row itself names as personal, and what looks personal.

Owns the patterns. They lean to the safe side: a number that only looks like a phone is masked as well.
"""

import re
import unicodedata
from collections.abc import Iterable

MASK = "＊"
# What personal data looks like wherever it stands (after NFKC, so that full-width digits are digits).
PATTERNS: tuple[re.Pattern[str], ...] = (
    re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![\dA-Za-z])"),  # identity number, GB 11643
    re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[ -]?[3-9](?:[ .-]?\d){9}(?!\d)"),  # mobile number
    re.compile(r"(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3})[ -]?\d{7,8}(?!\d)"),  # landline
    re.compile(r"(?<!\d)1[3-9]\d[*x＊]{4,}\d{2,4}(?!\d)"),  # a masked mobile is a part of one
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?:微信号?|VX|wx|wechat|QQ|扣扣)[:： ]*[A-Za-z0-9_-]{5,}", re.IGNORECASE),
    re.compile(r"[㐀-鿿]{1,2}(?:先生|女士|小姐)"),
)
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")


def clean_text(text: str, personal: Iterable[str]) -> str:
    """The text without any of the personal values, whatever spaces stand between their characters, and without what
    looks like a phone, an identity number, an address of a mailbox or a messenger's handle."""
    cleaned = unicodedata.normalize("NFKC", text)
    for value in sorted(_telling(personal), key=len, reverse=True):
        cleaned = re.sub(r"[\s·.-]*".join(map(re.escape, value)), MASK, cleaned, flags=re.IGNORECASE)
    for pattern in PATTERNS:
        cleaned = pattern.sub(MASK, cleaned)
    return cleaned.strip()


def clean_code(code: str, personal: Iterable[str]) -> str:
    """An order's or listing's number as it is; empty when it has another shape, holds a personal value or could be a
    phone or identity number."""
    code = code.strip()
    held = any(value.casefold() in code.casefold() for value in _telling(personal))
    return code if CODE.fullmatch(code) and not held and clean_text(code, ()) == code else ""


def _telling(values: Iterable[str]) -> set[str]:
    """The values that can betray somebody: two characters or more, plain numbers only from six digits on."""
    telling = set()
    for value in values:
        plain = "".join(unicodedata.normalize("NFKC", value).split())
        if len(plain) >= 2 and not (plain.isdigit() and len(plain) < 6):
            telling.add(plain)
    return telling
