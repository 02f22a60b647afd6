"""A partition that stands still is told from one that is idle, slow or waiting its turn."""

from streams.bus.kafka.liveness import TURNS, Orphans, Watch


def looked(watch: Watch, now: float, places: dict[int, tuple[int, int]], *, polls: int = 100) -> list[int]:
    stuck = watch.look(now, places)
    for _ in range(polls):
        watch.polled()
    return stuck


def test_a_partition_with_messages_waiting_that_does_not_move_is_stuck() -> None:
    watch = Watch(30)
    assert looked(watch, 0, {0: (5, 9), 1: (5, 9)}) == []
    assert looked(watch, 15, {0: (5, 9), 1: (7, 9)}) == []
    assert looked(watch, 31, {0: (5, 9), 1: (8, 9)}) == [0]
    watch.forget()
    assert looked(watch, 32, {0: (5, 9)}) == []


def test_an_idle_partition_is_not_stuck_and_its_time_begins_when_messages_wait() -> None:
    watch = Watch(30)
    assert looked(watch, 0, {0: (9, 9)}) == []
    assert looked(watch, 100, {0: (9, 9)}) == []
    assert looked(watch, 110, {0: (9, 12)}) == []
    assert looked(watch, 120, {0: (9, 12)}) == []
    assert looked(watch, 141, {0: (9, 12)}) == [0]


def test_a_member_that_handles_slowly_is_not_stuck() -> None:
    watch = Watch(30)
    assert looked(watch, 0, {0: (5, 9), 1: (5, 9)}, polls=1) == []
    assert looked(watch, 200, {0: (5, 9), 1: (6, 9)}, polls=1) == []
    assert looked(watch, 400, {0: (5, 9), 1: (7, 9)}, polls=2 * TURNS) == []
    assert looked(watch, 600, {0: (5, 9), 1: (8, 9)}) == [0]


def test_a_partition_that_went_and_came_begins_anew() -> None:
    watch = Watch(30)
    assert looked(watch, 0, {0: (5, 9)}) == []
    assert looked(watch, 20, {}) == []
    assert looked(watch, 40, {0: (5, 9)}) == []
    assert looked(watch, 60, {0: (5, 9)}) == []


def test_a_partition_is_orphaned_when_two_looks_at_a_settled_group_miss_it() -> None:
    orphans = Orphans()
    assert orphans.look({0, 1, 2}, {0, 1}) == []
    assert orphans.look({0, 1, 2}, {0, 1}) == [2]
    assert orphans.look({0, 1, 2}, {0, 1, 2}) == []
    assert orphans.look({0, 1, 2}, {0, 1}) == []
    assert orphans.look({0, 1, 2}, None) == [], "a group that is sharing anew owns what it will own"
    assert orphans.look({0, 1, 2}, {0, 1}) == []
