"""Lead groups (关联线索组): leads on the same goods, proposed by likeness and settled by people.

A group is named by the least of its leads' ids, or by the act of a person that made it. A person's split or merge pins
the leads it touched: no later proposal moves them.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.identity import LOCAL
from models.values import Value


class Sketch(Value):
    """What twins are told by: `goods_key` (kind and leading mark), the folded title, and 64-bit hashes of the first
    pictures in hex. `buckets` are the names under which possible twins meet."""

    lead_id: str
    goods_key: str
    title: str
    pictures: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()


class AlarmKind(StrEnum):
    """Why a group was not left to grow: it became a chain whose ends are no twins, or it is full."""

    CHAIN = "chain"
    FULL = "full"


class GroupAlarm(Value):
    """A runaway group that a person should look at. `members` counts what would have been in it."""

    group_id: str
    kind: AlarmKind
    members: Annotated[int, Field(ge=1)]
    raised_at: AwareDatetime | None = None


class GroupAct(StrEnum):
    SPLIT = "split"
    MERGE = "merge"


class GroupDecision(Value):
    """What a person did: these leads were taken out of a group, or two groups made one."""

    organisation_id: str = LOCAL
    act: GroupAct
    group_id: str
    other_id: str
    lead_ids: tuple[str, ...]
    reason: str = ""
    decided_by: str
    decided_at: AwareDatetime
