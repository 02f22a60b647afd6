"""States of a case lead and the acts that lead from one to another: the one table, and what each act asks for."""

from collections.abc import Mapping
from enum import StrEnum

from models.errors import ConflictError


class CaseState(StrEnum):
    """Where a case lead stands (登记, 核查中, 已移送, 退回, 已立案, 不予立案, 办结)."""

    REGISTERED = "registered"
    VERIFYING = "verifying"
    HANDED_OVER = "handed-over"
    RETURNED = "returned"
    FILED = "filed"
    NOT_FILED = "not-filed"
    CLOSED = "closed"


class CaseAct(StrEnum):
    """What a person may do with a case lead."""

    REGISTER = "register"
    VERIFY = "verify"
    AMEND = "amend"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    HAND_OVER = "hand-over"
    RETURN = "return"
    FILE = "file"
    NOT_FILE = "not-file"
    CLOSE = "close"
    SPLIT = "split"
    MERGE = "merge"
    MERGE_AWAY = "merge-away"
    WITHDRAW = "withdraw"


class CaseResult(StrEnum):
    """How a closed case lead ended. The last two come of their own acts."""

    ACTION_TAKEN = "action-taken"
    NO_ACTION = "no-action"
    PASSED_ON = "passed-on"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


S, A = CaseState, CaseAct

# The one table: from each state, the acts that may be done there and the state that follows. An act that is not named
# here is refused. A closed case lead may only be withdrawn, and that once.
CASE_TRANSITIONS: Mapping[CaseState, Mapping[CaseAct, CaseState]] = {
    S.REGISTERED: {
        A.VERIFY: S.VERIFYING, A.AMEND: S.REGISTERED, A.EXTEND: S.REGISTERED, A.SUSPEND: S.REGISTERED,
        A.RESUME: S.REGISTERED, A.SPLIT: S.REGISTERED, A.MERGE: S.REGISTERED, A.MERGE_AWAY: S.CLOSED,
        A.WITHDRAW: S.CLOSED,
    },
    S.VERIFYING: {
        A.AMEND: S.VERIFYING, A.EXTEND: S.VERIFYING, A.SUSPEND: S.VERIFYING, A.RESUME: S.VERIFYING,
        A.SPLIT: S.VERIFYING, A.MERGE: S.VERIFYING, A.MERGE_AWAY: S.CLOSED, A.HAND_OVER: S.HANDED_OVER,
        A.FILE: S.FILED, A.NOT_FILE: S.NOT_FILED, A.WITHDRAW: S.CLOSED,
    },
    S.HANDED_OVER: {
        A.AMEND: S.HANDED_OVER, A.RETURN: S.RETURNED, A.FILE: S.FILED, A.NOT_FILE: S.NOT_FILED, A.WITHDRAW: S.CLOSED,
    },
    S.RETURNED: {
        A.VERIFY: S.VERIFYING, A.AMEND: S.RETURNED, A.SUSPEND: S.RETURNED, A.RESUME: S.RETURNED,
        A.SPLIT: S.RETURNED, A.MERGE: S.RETURNED, A.MERGE_AWAY: S.CLOSED, A.WITHDRAW: S.CLOSED,
    },
    S.FILED: {A.AMEND: S.FILED, A.CLOSE: S.CLOSED, A.WITHDRAW: S.CLOSED},
    S.NOT_FILED: {A.VERIFY: S.VERIFYING, A.AMEND: S.NOT_FILED, A.CLOSE: S.CLOSED, A.WITHDRAW: S.CLOSED},
    S.CLOSED: {A.WITHDRAW: S.CLOSED},
}  # fmt: skip

# Results after which nothing more happens to a case lead, not even its withdrawal.
FINAL = frozenset({CaseResult.MERGED, CaseResult.WITHDRAWN})
# What a person may close with; the other results come of merging and withdrawing.
CLOSING_RESULTS = tuple(result for result in CaseResult if result not in FINAL)
# Acts that say why in a person's words.
NEEDS_REASON = frozenset({A.AMEND, A.EXTEND, A.SUSPEND, A.RETURN, A.NOT_FILE, A.SPLIT, A.MERGE, A.WITHDRAW})
# While a case lead stands here its clock runs.
CLOCK_RUNS = frozenset({S.REGISTERED, S.VERIFYING, S.RETURNED})
# While its clock is suspended a case lead waits: it is amended, resumed or withdrawn, and nothing else.
WHILE_SUSPENDED = frozenset({A.AMEND, A.RESUME, A.WITHDRAW})


def allowed(state: CaseState, result: CaseResult | None, *, suspended: bool = False) -> Mapping[CaseAct, CaseState]:
    """The acts that may be done there, with the states that follow."""
    acts = {} if result in FINAL else CASE_TRANSITIONS[state]
    return {act: end for act, end in acts.items() if (act in WHILE_SUSPENDED if suspended else act is not A.RESUME)}


def next_state(
    state: CaseState, result: CaseResult | None, act: CaseAct, *, suspended: bool = False, where: str = ""
) -> CaseState:
    """The state after that act. Raises `ConflictError` for an act that the table does not name, and for one that
    has to wait until the clock runs again."""
    following = allowed(state, result, suspended=suspended).get(act)
    if following is None:
        stands = "suspended" if suspended else result or state
        raise ConflictError(
            f"a case lead that is {stands} cannot be changed by {act}",
            where=where,
            mend="load it again and see what may be done now",
        )
    return following
