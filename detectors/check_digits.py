"""Check digits of numbers that goods and firms carry, each by the standard that defines it."""

USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def patent_check(digits: str) -> str:
    """The check digit of a patent application's 8 or 12 digits, `0`..`9` or `x` (ZC 0006—2003: weights 2 to 9 in
    turn, modulus 11)."""
    rest = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(digits)) % 11
    return "x" if rest == 10 else str(rest)


def mod11_10(digits: str) -> str:
    """The check digit behind `digits` by ISO 7064 MOD 11,10 (GB/T 17710)."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def uscc_check(code: str) -> str:
    """The last sign of a unified social credit code from its first 17 (GB 32100—2015: weights are powers of 3,
    modulus 31). Raises `ValueError` for a sign that no code has."""
    total = sum(USCC_SIGNS.index(sign) * weight for sign, weight in zip(code[:17], USCC_WEIGHTS, strict=True))
    return USCC_SIGNS[(31 - total % 31) % 31]
