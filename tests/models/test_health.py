"""Readiness: what is not fine is told with its reason and without addresses, and looking is not repeated at once."""

from models.errors import TransientFault
from models.health import Check, Watchman, looked


def away() -> None:
    raise TransientFault(
        "the database does not answer: connection to 10.0.0.7 refused", where="postgresql://db.inner/x"
    )


def test_a_fault_makes_it_unready_and_is_told_without_its_place() -> None:
    seen = Watchman([looked("store", away), looked("objects", lambda: {"kept": 3})]).look()
    assert not seen.ready
    assert [(check.name, check.ok, check.why) for check in seen.checks] == [
        ("store", False, "the database does not answer"),
        ("objects", True, ""),
    ]
    assert "10.0.0.7" not in seen.model_dump_json()
    assert "db.inner" not in seen.model_dump_json()


def test_what_is_not_needed_is_told_and_does_no_harm() -> None:
    seen = Watchman([lambda: Check(name="bus", ok=False, why="away", needed=False)]).look()
    assert seen.ready
    assert not seen.checks[0].ok


def test_the_same_answer_holds_for_a_moment() -> None:
    time, looks = [0.0], []
    watchman = Watchman([looked("store", lambda: looks.append(1))], hold_s=2.0, clock=lambda: time[0])  # type: ignore[func-returns-value]
    for time[0] in (0.0, 1.9, 2.0):
        watchman.look()
    assert len(looks) == 2
