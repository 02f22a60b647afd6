"""How a group shares its partitions: the cooperative sticky assignor, which moves only what has to move.

A member says what it owns and a number of its own beside it. The broker starts a new sharing when a member of a stable
group comes with another word than before; the number is that other word. It is needed because a static member that
dies between giving a partition up and asking again comes back to the old sharing, and nobody would own the partition.
"""

import secrets
from typing import Any

from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor


class CooperativeSharing(CooperativeStickyAssignor):  # type: ignore[misc]  # kafka-python carries no types
    """One member's part in sharing. Not shared between members."""

    def __init__(self) -> None:
        super().__init__()
        self._word = b""

    def metadata(self, topics: Any) -> Any:
        told = super().metadata(topics)
        told.user_data = self._word
        return told

    def ask_anew(self) -> None:
        """Have the next join start a new sharing, though nothing that the broker sees has changed."""
        self._word = secrets.token_bytes(8)

    def forget(self) -> None:
        """The group has taken everything away: claim nothing at the next join."""
        self.member_assignment = None
