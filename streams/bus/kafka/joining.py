"""Joining a group in short polls: what the client does not do by itself when a join takes longer than one poll.

The client joins in its own thread and takes the outcome up inside a poll. A join that ends between two polls it
forgets, and joins anew; where it leads the group, everybody else has to join anew too, and so without end. It sends no
heartbeat from the end of such a join to the next poll, so that a member that handles another topic's batch meanwhile is
taken for dead. And a poll that ends before the join does makes it believe that nothing is left to join. All three are
made up for here. Reads and sets private state of kafka-python 3.0; the version is held below 3.1 for it.
"""

from typing import Any

from kafka.coordinator.base import MemberState


class Joining:
    """Beside one consumer's coordinator; called around its polls."""

    def __init__(self, coordinator: Any) -> None:
        self._coordinator = coordinator
        self._watched: Any = None

    @property
    def under_way(self) -> bool:
        """Whether this member is joining, or has to."""
        return bool(self._coordinator.rejoining or self._coordinator.need_rejoin())

    def before_poll(self) -> None:
        """Take up the outcome of a join that ended since the last poll; keep one that goes on in mind."""
        coordinator = self._coordinator
        if not coordinator.rejoining:
            return
        joined = coordinator._join_task
        if joined is not None and joined.succeeded():
            self._take_up(joined)
        else:
            coordinator.request_rejoin()

    def after_poll(self) -> None:
        """Let heartbeats begin by themselves when a join ends that this poll has left behind."""
        joining = self._coordinator._join_task
        if self._coordinator.rejoining and joining is not None and joining is not self._watched:
            self._watched = joining
            joining.add_callback(self._keep_alive)

    def _keep_alive(self, _: Any) -> None:
        with self._coordinator._lock:
            if self._coordinator.rejoining:
                self._coordinator.state = MemberState.STABLE
                self._coordinator._enable_heartbeat()

    def _take_up(self, joined: Any) -> None:
        coordinator = self._coordinator
        coordinator._join_task = None
        generation = coordinator._generation
        if generation.protocol is None:  # thrown out again meanwhile
            return
        with coordinator._lock:
            coordinator.rejoining = coordinator.rejoin_needed = False
            coordinator.state = MemberState.STABLE
            coordinator._enable_heartbeat()
        coordinator._net.run(
            coordinator._on_join_complete_async,
            generation.generation_id,
            generation.member_id,
            generation.protocol,
            joined.value,
        )
