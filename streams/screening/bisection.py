"""Bisection: from a batch that fails to the members that make it fail, without asking what they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.errors import ConfigurationError, TransientFault

Item = TypeVar("Item")
Result = TypeVar("Result")

# These say nothing about the batch: the server is away, the installation is wrong, the machine is too small.
NOT_THE_BATCH = (TransientFault, ConfigurationError, MemoryError)


@dataclass(frozen=True)
class Failure(Generic[Item]):
    """A member that fails by itself, what it raised, and how often it was tried."""

    item: Item
    error: Exception
    attempts: int


def bisect(
    items: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Result]], *, attempt: int = 1
) -> tuple[list[Result], list[Failure[Item]]]:
    """Do `work` on all items; when it raises, on each half, down to single items. Returns the results in order, and
    the items that fail alone. Raises what is in `NOT_THE_BATCH`."""
    if not items:
        return [], []
    try:
        return list(work(items)), []
    except NOT_THE_BATCH:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a message provokes must harm nobody else: it is dead-lettered
        if len(items) == 1:
            return [], [Failure(items[0], error, attempt)]
    middle = len(items) // 2
    done, failed = bisect(items[:middle], work, attempt=attempt + 1)
    more_done, more_failed = bisect(items[middle:], work, attempt=attempt + 1)
    return done + more_done, failed + more_failed
