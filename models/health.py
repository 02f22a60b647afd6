"""Health: what a process answers when it is asked whether it can do its work.

A probe looks at one thing and answers with a check: fine, or why not, with facts for whoever watches. Nothing here
knows what is looked at. Reasons name the kind of fault, never an address: `/readyz` answers whoever asks.
"""

import threading
from collections.abc import Callable, Sequence
from time import monotonic

from pydantic import Field

from models.errors import JianzhenError
from models.values import Value

Fact = str | int | float | bool


class Check(Value):
    """One thing that was looked at."""

    name: str = Field(description="What was looked at", examples=["store"])
    ok: bool = Field(description="Whether it is fine")
    why: str = Field(default="", description="Why it is not", examples=["the database does not answer"])
    needed: bool = Field(default=True, description="Whether the process cannot do its work without it")
    facts: dict[str, Fact] = Field(default_factory=dict, description="What was seen, for whoever watches")


class Readiness(Value):
    """Everything that was looked at."""

    ready: bool = Field(description="Whether all of it that is needed is fine")
    checks: tuple[Check, ...] = ()


Probe = Callable[[], Check]


def looked(name: str, look: Callable[[], dict[str, Fact] | None]) -> Probe:
    """A probe that is fine unless `look` raises one of the project's errors; what it returns are its facts."""

    def probe() -> Check:
        try:
            return Check(name=name, ok=True, facts=look() or {})
        except JianzhenError as error:
            return Check(name=name, ok=False, why=error.what.partition(":")[0])

    return probe


class Watchman:
    """Asks the probes, and gives the same answer again for a moment: the question is free, the looking is not."""

    def __init__(self, probes: Sequence[Probe], *, hold_s: float = 2.0, clock: Callable[[], float] = monotonic) -> None:
        self._probes, self._hold_s, self._clock = tuple(probes), hold_s, clock
        self._lock = threading.Lock()
        self._seen: Readiness | None = None
        self._at = 0.0

    def look(self) -> Readiness:
        with self._lock:
            if self._seen is None or self._clock() - self._at >= self._hold_s:
                checks = tuple(probe() for probe in self._probes)
                self._seen, self._at = (
                    Readiness(ready=all(each.ok or not each.needed for each in checks), checks=checks),
                    self._clock(),
                )
            return self._seen
