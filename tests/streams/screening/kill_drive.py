"""The kill drive: workers in processes of their own, killed again and again while messages flow, and a checker of what
came of each message.

Every kill is a SIGKILL, and comes only after the worker finished a batch since it started, because kills in quick
succession mostly hit workers that have done nothing and so prove nothing. Three of four strike in a chosen place: after
the messages are taken, in the middle of the transaction, after the effect is stored and before the offset moves; the
others at any moment. The drive counts redeliveries, and the same drive must catch workers that are wrong on purpose.
"""

import logging
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import structlog
from sqlalchemy import Engine, event, text

from models.dead_letters import payload_of
from models.leads import Outcome
from models.storage.engine import open_engine, reading
from models.subjects import Listing
from streams.bus import Bus, Delivery, Topic, open_bus
from streams.bus.raw import Raw, raw_topic
from streams.bus.topics import LISTINGS
from streams.screening import ContextSource, Screener, ScreeningWorker, stop_on_signals
from tests.streams.screening.workbench import SKULL, Tripwire, WordDetector, Workbench, listings

PUBLISHED_AT_ONCE = 500
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])

Place = tuple[int, int]  # partition and offset
Said = list[Place] | None


@dataclass(frozen=True)
class Plan:
    """How many listings, one poison message among how many, how many kills, how many workers and of which kind."""

    listings: int
    kills: int
    poison_every: int = 200
    workers: int = 1
    kind: str = "right"
    patience_s: float = 240.0


@dataclass(frozen=True)
class Verdict:
    """What became of the messages, and how hard the drive was."""

    lost: int
    doubled: int
    foreign: int
    leads: int
    dead_letters: int
    redeliveries: int
    kills: int
    backlog: int
    seconds: float


# --- the victim: runs in a process of its own ----------------------------------------------------------------------


MID_TRANSACTION = "mid-transaction"
# Where the victims fall, in turn: at a checkpoint of the worker, in its transaction, or ("") whenever it is struck.
FALLS = ("recorded", "", "polled", MID_TRANSACTION)
NEVER = "never"


class OffsetFirst(ScreeningWorker):
    """A worker that is wrong on purpose: it moves the offset before it stores the effect."""

    def _round(self, subscription: Any, *, waiting: bool) -> bool:
        deliveries = subscription.poll(limit=self._settings.batch, timeout_s=self._settings.poll_timeout_s)
        if deliveries:
            self._checkpoint("polled")
            subscription.ack(deliveries)
            self._checkpoint("recorded")
            self.batches.handle(deliveries)
            self._checkpoint("acknowledged")
        return bool(deliveries)


class ByTheClock(ScreeningWorker):
    """A worker that is wrong on purpose: it commits what it was given, as time goes by, whether it is done or not."""

    def _round(self, subscription: Any, *, waiting: bool) -> bool:
        queue = self.__dict__.setdefault("queue", [])
        deliveries = subscription.poll(limit=self._settings.batch, timeout_s=self._settings.poll_timeout_s)
        if deliveries:
            self._checkpoint("polled")
            subscription.ack(deliveries)
            queue.append(deliveries)
        if len(queue) < 2 and deliveries:
            return True
        if queue:
            self._checkpoint("recorded")
            self.batches.handle(queue.pop(0))
            self._checkpoint("acknowledged")
        return bool(deliveries)


KINDS = {"right": ScreeningWorker, "offset-first": OffsetFirst, "by-the-clock": ByTheClock}


def work(bench: Workbench, says: "Connection[Said, None]", kind: str, falls: str, member: str) -> None:
    """Be a victim: say the places of each batch as it is received, and each finished batch as None. One that `falls`
    somewhere does so there in its second batch. SIGTERM has it leave in peace."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    store = bench.open_store()
    finished = 0

    def checkpoint(step: str) -> None:
        nonlocal finished
        if step == falls and finished:
            os.kill(os.getpid(), signal.SIGKILL)
        if step == "acknowledged":
            finished += 1
            says.send(None)

    def committing(_: Any) -> None:
        if finished:
            os.kill(os.getpid(), signal.SIGKILL)

    if falls == MID_TRANSACTION:
        event.listen(Engine, "commit", committing)
    worker = KINDS[kind](
        Telling(bench.open_bus(), says),  # type: ignore[arg-type]
        (bench.topic,),
        store,
        Screener((WordDetector(), Tripwire())),
        ContextSource(store.registry),
        bench.worker_settings.model_copy(update={"member": member}),
        checkpoint=checkpoint,
    )
    stop_on_signals(worker)
    worker.run()


class Telling:
    """A bus that tells what it delivers, so that redeliveries can be counted from outside."""

    def __init__(self, bus: Bus, says: "Connection[Said, None]") -> None:
        self._bus, self._says = bus, says

    def subscribe(self, topic: Topic[Any], *, group: str, member: str) -> "Telling":
        self._subscription = self._bus.subscribe(topic, group=group, member=member)
        return self

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery[Any]]:
        found = self._subscription.poll(limit=limit, timeout_s=timeout_s)
        if found:
            self._says.send([(each.partition, each.offset) for each in found])
        return found

    def ack(self, deliveries: Sequence[Delivery[Any]]) -> None:
        self._subscription.ack(deliveries)

    def __enter__(self) -> "Telling":
        self._subscription.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._subscription.__exit__(*exc)


# --- the drive -----------------------------------------------------------------------------------------------------


class Victim:
    """The worker's process and what it says. It is forked from a server that has loaded everything already."""

    def __init__(self, bench: Workbench, member: str, *, kind: str = "right", falls: str = NEVER) -> None:
        self.member, self.falls = member, falls
        self._ears, says = PROCESSES.Pipe(duplex=False)
        self.process = PROCESSES.Process(target=work, args=(bench, says, kind, falls, member), daemon=True)
        self.process.start()
        says.close()
        self.finished = 0
        self.received: list[Place] = []

    def listen(self, timeout_s: float) -> None:
        """Take in what it has said by now."""
        try:
            while self._ears.poll(timeout_s):
                said = self._ears.recv()
                self.finished += said is None
                self.received += said or []
                timeout_s = 0
        except EOFError:
            time.sleep(timeout_s)

    def end(self) -> list[Place]:
        """Kill it if it lives; returns every place it received."""
        self.process.kill()
        self.process.join()
        self.listen(0)
        self._ears.close()
        return self.received


def drive(bench: Workbench, plan: Plan) -> Verdict:
    """Publish, kill as planned, let the last workers finish, and judge."""
    started = time.monotonic()
    chance = random.Random(plan.listings)
    messages = poisoned(plan)
    bus = open_bus(bench.bus_settings)
    raw = raw_topic(bench.topic_name)
    bus.ensure([raw])
    received: Counter[Place] = Counter()
    kills = published = 0
    victims = [_victim(bench, plan, number, number) for number in range(plan.workers)]
    while time.monotonic() - started < plan.patience_s:
        # Half before anything is killed, the rest while the killing goes on.
        if published < len(messages) * max(0.5, min(1.0, (kills + 1) / plan.kills)):
            bus.publish(raw, messages[published : published + PUBLISHED_AT_ONCE])
            published += PUBLISHED_AT_ONCE
        for number, victim in enumerate(victims):
            victim.listen(0.01 / plan.workers)
            struck = victim.falls == "" and victim.finished > 0 and kills < plan.kills
            if struck:
                time.sleep(chance.uniform(0, 0.1))
            if struck or not victim.process.is_alive():
                kills += 1
                assert struck or victim.process.exitcode == -signal.SIGKILL, "a worker fell over by itself"
                received.update(victim.end())
                victims[number] = _victim(bench, plan, number, kills + plan.workers - 1)
        if kills >= plan.kills and published >= len(messages) and not bus.backlog(raw, group="screening"):
            break
    for victim in victims:
        received.update(victim.end())
    backlog = bus.backlog(raw, group="screening")
    bus.close()
    redeliveries = sum(times - 1 for times in received.values())
    return judge(bench, messages, redeliveries, kills, backlog, time.monotonic() - started)


def _victim(bench: Workbench, plan: Plan, number: int, turn: int) -> Victim:
    falls = FALLS[turn % len(FALLS)] if turn < plan.kills else NEVER
    return Victim(bench, f"worker-{number}", kind=plan.kind, falls=falls)


def poisoned(plan: Plan) -> list[Raw]:
    """The messages: numbered listings, and among them bytes that are none and subjects that trip."""
    messages: list[Raw] = []
    for number, listing in enumerate(listings(plan.listings)):
        messages.append(Raw(LISTINGS.key(listing), LISTINGS.encode(listing)))
        if number % plan.poison_every == plan.poison_every // 2:
            tripping = Listing(listing_id=f"trips-{number}", platform="p", title=SKULL)
            messages.append(Raw(LISTINGS.key(tripping), LISTINGS.encode(tripping)))
            messages.append(Raw(f"garbage-{number}", b"\xff garbage %d" % number))
    return messages


def judge(
    bench: Workbench, messages: list[Raw], redeliveries: int, kills: int, backlog: int, seconds: float
) -> Verdict:
    """Hold every published message against the store: exactly one of screened and dead-lettered, and screened once."""
    wanted = Counter(key for key, _ in messages)
    engine = open_engine(bench.store_settings)
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT subject_token, count(*) FROM screenings GROUP BY subject_token"))
        screened: Counter[str] = Counter(dict(rows.all()))
        leads = connection.execute(text("SELECT count(*), count(DISTINCT lead_id) FROM leads")).one()
    engine.dispose()
    store = bench.open_store()
    letters = store.screenings.dead_letters("local", limit=10**6)
    outcomes = store.screenings.outcomes("local")
    store.close()
    bodies = dict(messages)
    dead = Counter(letter.key for letter in letters if bodies.get(letter.key) == payload_of(letter.payload))
    ended = screened + dead
    assert leads[0] == leads[1] == outcomes[Outcome.LEAD]
    return Verdict(
        lost=sum(1 for key in wanted if not ended[key]),
        doubled=sum(count - 1 for key, count in ended.items() if count > 1),
        foreign=len(set(ended) - set(wanted)) + len(letters) - sum(dead.values()),
        leads=outcomes[Outcome.LEAD],
        dead_letters=len(letters),
        redeliveries=redeliveries,
        kills=kills,
        backlog=backlog,
        seconds=round(seconds, 1),
    )
