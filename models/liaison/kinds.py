"""Kinds of letters to a platform (文书种类), and which organisations may send each: the one table.

A notice (通知) under article 42 of the E-Commerce Law is a right of the rights holder and of whoever it empowers. An
authority asks for data (调取数据函) and informs (告知函); it never sends a notice, for a notice makes its sender liable
as the holder of a right, and an authority has none.
"""

from collections.abc import Mapping
from enum import StrEnum

from models.errors import InputError
from models.organisations import OrganisationKind


class LetterKind(StrEnum):
    """What is sent to a platform."""

    NOTICE = "notice"
    DATA_REQUEST = "data-request"
    ADVICE = "advice"


# Who may send what. What is not named here is refused.
SENDERS: Mapping[LetterKind, frozenset[OrganisationKind]] = {
    LetterKind.NOTICE: frozenset({OrganisationKind.RIGHTS_HOLDER, OrganisationKind.AGENT}),
    LetterKind.DATA_REQUEST: frozenset({OrganisationKind.SUPERVISION, OrganisationKind.POSTAL_SUPERVISION}),
    LetterKind.ADVICE: frozenset({OrganisationKind.SUPERVISION, OrganisationKind.POSTAL_SUPERVISION}),
}

# How a batch's id begins.
PREFIXES: Mapping[LetterKind, str] = {LetterKind.NOTICE: "TZ", LetterKind.DATA_REQUEST: "DQ", LetterKind.ADVICE: "GZ"}

# The rule of `models.law` that each kind of letter rests on.
RULES: Mapping[LetterKind, str] = {
    LetterKind.NOTICE: "platform-notice",
    LetterKind.DATA_REQUEST: "platform-data",
    LetterKind.ADVICE: "platform-knows",
}


def kinds_of(sender: OrganisationKind) -> tuple[LetterKind, ...]:
    """What an organisation of this kind may send."""
    return tuple(kind for kind in LetterKind if sender in SENDERS[kind])


def require_sender(kind: LetterKind, sender: OrganisationKind) -> None:
    """Raises `InputError` unless an organisation of this kind may send such a letter."""
    if sender in SENDERS[kind]:
        return
    may = ", ".join(kinds_of(sender)) or "nothing"
    raise InputError(
        f"an organisation of kind {sender} does not send a letter of kind {kind}", where="kind", mend=f"it sends {may}"
    )
