"""Strings that sellers and officers could write and that programs could take for something else."""

import random

STARTS = [
    "=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\n=", " =", "'=", "''", "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x")', "", "", "",
]  # fmt: skip
PIECES = [
    "晴川", "绿茶250g", "1+1", "SUM(A1)", "{{ 7*7 }}", "{% if x %}", "${jndi:x}", "<script>", "&amp;", "]]>", '"', "'",
    "\u202e倒序", "\u2066x\u2069", "\u200b", "é", "e\u0301", "😀", "👨‍👩‍👧", "\u2028", "\x01", "\x1f", "\x7f", "\ufffe",
    "_x0041_", "_x005F_", "\\u0001", "001", "1e5", "2024-1-1", "10%", "TRUE", "￥1,000", " ", "  ", "\n", "\r\n",
    "\r", "\t", ",", ";", "|", "عربى", "עברית", "\ufeff", "\U00020000", "﷽", "#REF!", "1/2", "12:30", "(5)",
]  # fmt: skip


def generated(count: int, seed: int = 20_261_125) -> list[str]:
    """So many of them, the same ones every time."""
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        parts = [chance.choice(PIECES) for _ in range(chance.randint(1, 5))]
        made.append(chance.choice(STARTS) + "".join(parts))
    return made
