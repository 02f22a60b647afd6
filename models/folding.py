"""Folding: how texts are compared where width and case do not matter."""

import unicodedata


def fold(text: str) -> str:
    """Text as it is compared in a search."""
    return unicodedata.normalize("NFKC", text).casefold()
