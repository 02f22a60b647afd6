"""The nursery: a process that has loaded everything and forks the service's processes, because loading takes seconds.

A child runs the installed command, such as `jianzhen api`, as a process of its own. Two kinds are wrong on purpose: one
answers before its decision is stored, the other tells others of a decision after it was stored.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

# Loaded here, so that no child has to.
import jianzhen.engine
import jianzhen.serving
from jianzhen import cli
from models.leads import Decision, Lead
from models.storage import outbox
from models.storage.engine import writing
from models.storage.leads import SqlLeadStore

LATE_S = 1.0
LOADED = (jianzhen.engine, jianzhen.serving)


class Later:
    """Does in its order, and each so much later, what it is given."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[tuple[float, Callable[[], object]]] = SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def __call__(self, work: Callable[[], object]) -> None:
        self._waiting.put((time.monotonic() + LATE_S, work))

    def _work(self) -> None:
        while True:
            due, work = self._waiting.get()
            time.sleep(max(0.0, due - time.monotonic()))
            work()


def answers_first() -> None:
    """Decisions are stored a moment after they are answered."""
    later = Later()
    decide = SqlLeadStore.decide

    def hasty(
        store: SqlLeadStore, organisation_id: str, lead_id: str, decision: Decision, *, revision: int, **more: Any
    ) -> Lead:
        later(lambda: decide(store, organisation_id, lead_id, decision, revision=revision, **more))
        lead = store.get(organisation_id, lead_id)
        changed = {"disposition": decision.disposition, "revision": revision + 1}
        return lead.model_copy(update={**changed, "decisions": (*lead.decisions, decision)})

    SqlLeadStore.decide = hasty  # type: ignore[assignment]


def tells_later() -> None:
    """What others must hear is written in a transaction of its own, a moment after the decision."""
    later = Later()
    tell = outbox.tell

    def tell_later(connection: Any, events: Any) -> None:
        told, engine = list(events), connection.engine

        def write() -> None:
            with writing(engine) as another:
                tell(another, told)

        later(write)

    outbox.tell = tell_later


KINDS = {"right": lambda: None, "answers-first": answers_first, "tells-later": tells_later}


def bear(order: dict[str, Any]) -> int:
    """Fork one; returns its process id."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    log = os.open(f"{order['arguments'][0]}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    KINDS[order["kind"]]()
    sys.argv = ["jianzhen", *order["arguments"]]
    cli.main()
    os._exit(0)


def main() -> None:
    """Orders come as lines of JSON and are answered with process ids; with the last line all ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    print("ready", flush=True)  # noqa: T201  # the answer
    for line in sys.stdin:
        print(bear(json.loads(line)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
