"""What callers may send: the shapes that more than one route takes, and the texts that every store can hold."""

import math
from typing import Annotated

from fastapi import Header, Path
from pydantic import AfterValidator, Field

from models.errors import InputError


def _storable(text: str) -> str:
    if any(character == "\x00" or 0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise ValueError("the text holds a NUL or half a surrogate pair")
    return text


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


StorableText = Annotated[str, AfterValidator(_storable)]
FiniteNumber = Annotated[float, AfterValidator(_finite)]
Revision = Annotated[int, Field(ge=0, le=2**31 - 1)]
LeadId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The lead's id", examples=["0" * 32])]
CaseNumber = Annotated[
    str, Path(min_length=1, max_length=64, description="The case lead's number", examples=["2026-0001"])
]
ContentHash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the bytes, in hex")]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag that was read: the change is made only on that state")
]


def optional_revision(if_match: str | None) -> int | None:
    """The revision that If-Match names, where it is sent."""
    return None if if_match is None else matched_revision(if_match, None)


def matched_revision(if_match: str | None, revision: int | None) -> int:
    """The revision that a change is based on, from If-Match or from the body. Raises `InputError` without either."""
    if if_match is not None:
        tag = if_match.strip().removeprefix("W/").strip('"')
        if not tag.isascii() or not tag.isdigit() or len(tag) > 10:
            raise InputError("If-Match does not hold a revision", where="If-Match", mend="send the lead's ETag")
        return int(tag)
    if revision is None:
        raise InputError(
            "the revision that was read is missing", where="revision", mend="send it as If-Match or as revision"
        )
    return revision


def required_state(if_match: str | None) -> str:
    """The state that a change was made on, as its ETag names it. Raises `InputError` without one."""
    if if_match is None or not if_match.strip():
        raise InputError("the state that was read is missing", where="If-Match", mend="send the ETag that was read")
    return if_match.strip().removeprefix("W/").strip('"')
