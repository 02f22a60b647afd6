"""States of a row at the platform, and which follows which: the one table.

A batch is a draft, is signed, is sent, and may be withdrawn; a row of a sent batch is answered by the platform.
"""

from collections.abc import Mapping
from enum import StrEnum

from models.liaison.kinds import LetterKind


class BatchState(StrEnum):
    """Where a batch stands (草拟, 已签署, 已发出, 已撤回)."""

    DRAFT = "draft"
    SIGNED = "signed"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


class RowState(StrEnum):
    """What became of a row: 已发出, 已签收, 已采取措施, 未采取措施, 已收到声明, 已恢复, 已提供数据."""

    SENT = "sent"
    RECEIVED = "received"
    REMOVED = "removed"
    REFUSED = "refused"
    COUNTERED = "counter-statement"
    RESTORED = "restored"
    PROVIDED = "provided"


S = RowState

# From each state, those that an answer of the platform may lead to. A counter-statement comes of its own act, for it
# starts a clock, and a row that was restored is done.
ROW_TRANSITIONS: Mapping[RowState, frozenset[RowState]] = {
    S.SENT: frozenset({S.RECEIVED, S.REMOVED, S.REFUSED, S.PROVIDED}),
    S.RECEIVED: frozenset({S.REMOVED, S.REFUSED, S.PROVIDED}),
    S.REMOVED: frozenset({S.COUNTERED, S.RESTORED}),
    S.REFUSED: frozenset({S.REMOVED, S.PROVIDED}),
    S.COUNTERED: frozenset({S.RESTORED}),
    S.RESTORED: frozenset(),
    S.PROVIDED: frozenset(),
}

# What may be answered to each kind of letter.
ANSWERS: Mapping[LetterKind, frozenset[RowState]] = {
    LetterKind.NOTICE: frozenset({S.RECEIVED, S.REMOVED, S.REFUSED, S.COUNTERED, S.RESTORED}),
    LetterKind.ADVICE: frozenset({S.RECEIVED, S.REMOVED, S.REFUSED, S.RESTORED}),
    LetterKind.DATA_REQUEST: frozenset({S.RECEIVED, S.PROVIDED, S.REFUSED}),
}

# Answers that say why in words.
NEEDS_WORDS = frozenset({S.REFUSED})


def follows(kind: LetterKind, before: RowState, after: RowState) -> bool:
    """Whether this answer may be given to a row that stands so."""
    return after in ROW_TRANSITIONS[before] and after in ANSWERS[kind]
