"""Contact: handles and numbers by which a buyer is led off the platform, in whatever digits they are written.

Owns finding telephone numbers, QQ numbers and WeChat names. What is found is personal data: it is told masked, never
whole, and a finding carries no span. Words such as 加V are rules (`data/contact.toml`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detectors.wording.lines import Line

# Characters that are read out for a digit.
NUMERALS = str.maketrans("零〇一幺壹二贰三叁四肆五伍六陆七柒八捌九玖", "001112233445566778899")

GAP = r"[^\w]{0,2}"
PHONE = re.compile(rf"(?<![\da-z.])1[^\w.]{{0,2}}[3-9](?:{GAP}\d){{9}}(?![\d.]\d|\d)")
QQ = re.compile(
    r"(?:(?<![a-z])qq|扣扣|企鹅|球球|叩叩)[^\w]{0,2}(?:号|群|联系)?[^\w]{0,2}([1-9](?:[^\w]?\d){5,10})(?!\d)"
)
WECHAT = re.compile(
    r"(?:[微薇威溦徽v]信|(?<![a-z])(?:vx|wx|wechat|weixin))(?:同?号|id)?[:=→]+"
    r"([a-z][a-z0-9_-]{5,19}|1[3-9]\d{9})(?![a-z0-9])"
)

# Eleven plain digits without a word beside may also be a style number.
BARE, PLAIN, DISGUISED = 0.4, 0.7, 1.0
# How the digits of a telephone number are grouped; other groups are sizes and shades (1300*500*2000).
GROUPS = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4)})
FEWEST_DIGITS = 6
SCATTERED = 9


@dataclass(frozen=True)
class Handle:
    """A way to reach the seller: `kind` phone, qq or wechat; `masked` shows a few of its signs; `sure` 0..1."""

    kind: str
    field: str
    masked: str
    sure: float


def handles(line: Line) -> Iterator[Handle]:
    """Every number or name in the field, in order of kind and place."""
    plain = line.plain.text
    spoken = plain.translate(NUMERALS)
    if sum(map(str.isdigit, spoken)) < FEWEST_DIGITS and "信" not in plain and "x" not in plain:
        return
    for hit in PHONE.finditer(spoken):
        start, end = line.plain.span(*hit.span())
        written = line.text[start:end]
        digits = "".join(filter(str.isdigit, hit.group()))
        if _grouped(hit.group()):
            yield Handle("phone", line.field, _masked(digits), BARE if written == digits else DISGUISED)
    for kind, pattern in (("qq", QQ), ("wechat", WECHAT)):
        for hit in pattern.finditer(spoken if kind == "qq" else plain):
            name = "".join(filter(str.isalnum, hit.group(1)))
            yield Handle(kind, line.field, _masked(name), PLAIN)


def _grouped(spoken: str) -> bool:
    """Whether digits stand in the groups of a telephone number, or mostly one by one."""
    sizes = tuple(map(len, re.findall(r"\d+", spoken)))
    return sizes in GROUPS or len(sizes) >= SCATTERED


def _masked(name: str) -> str:
    """The first two and the last two signs."""
    return f"{name[:2]}{'*' * (len(name) - 4)}{name[-2:]}"
