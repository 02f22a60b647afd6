"""Two networks and a gap, for tests: a bus on either side, a folder that is carried, keys, and what came out inside."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from streams.bus import Delivery, open_bus
from streams.bus.raw import Raw, raw_topic
from streams.carrying import CarrySettings, Incoming, Outgoing, Sweep
from streams.carrying.batch_files import Message
from streams.carrying.ledger import Ledger
from streams.carrying.places import alone
from streams.retrying import Patience
from streams.settings import BusSettings

TOPIC = "jianzhen.listings"


class Fallen(BaseException):
    """The process died here: nothing after it happens."""


def falling(step: str, *, after: int = 0) -> Callable[[str], None]:
    """A checkpoint that dies at this step, when it comes for the time after `after` others."""
    left = after

    def checkpoint(reached: str) -> None:
        nonlocal left
        if reached == step:
            if left == 0:
                raise Fallen
            left -= 1

    return checkpoint


@dataclass(frozen=True)
class Gap:
    """One sending site, the folder between, and the inner side."""

    folder: Path
    outer: BusSettings
    inner: BusSettings
    settings: CarrySettings
    key: Ed25519PrivateKey
    topic: str = TOPIC

    @property
    def between(self) -> Path:
        return self.folder / "between"

    @property
    def files(self) -> list[Path]:
        return sorted(self.between.glob("*.batch"))

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.folder / "received")

    def at(self, site: str) -> "Gap":
        """Another site with a bus and a key of its own, before the same gap."""
        outer = self.outer.model_copy(update={"url": f"sqlite:///{self.folder}/{site}.sqlite"})
        settings = self.settings.model_copy(update={"site": site})
        return replace(self, outer=outer, settings=settings, key=Ed25519PrivateKey.generate())

    def publish(self, messages: Sequence[Message]) -> None:
        with closing(open_bus(self.outer)) as bus:
            bus.publish(raw_topic(self.topic), [Raw(each.key, each.body) for each in messages])

    def send(
        self, *, kind: type[Outgoing] = Outgoing, checkpoint: Callable[[str], None] = lambda step: None, **more: Any
    ) -> Outgoing:
        """Carry out until nothing is left; a fall ends it as it stands."""
        settings = self.settings.model_copy(update=more)
        with closing(open_bus(self.outer)) as bus:
            carrier = kind(
                bus,
                self.topic,
                self.between,
                self.key,
                settings,
                patience=Patience(first_s=0.01),
                checkpoint=checkpoint,
            )
            with carrier:
                while carrier.round(timeout_s=0.2) or not carrier.drained():
                    pass
            return carrier

    def receive(
        self,
        *others: "Gap",
        kind: type[Incoming] = Incoming,
        checkpoint: Callable[[str], None] = lambda step: None,
        **more: Any,
    ) -> Sweep:
        """Look once into the folder, trusting this site and the others."""
        settings = self.settings.model_copy(update={"settle_s": 0.0, **more})
        trusted = {each.settings.site: [each.key.public_key()] for each in (self, *others)}
        with closing(open_bus(self.inner)) as bus, alone(self.ledger.folder):
            accepted = frozenset({self.topic})
            return kind(
                bus, self.between, self.ledger, lambda: trusted, accepted, settings, checkpoint=checkpoint
            ).sweep()

    def arrived(self) -> list[Delivery[Message]]:
        """Everything that was ever published inside, as a new group reads it."""
        return read_all(self.inner, self.topic)


def read_all(settings: BusSettings, topic: str) -> list[Delivery[Message]]:
    """Every message of the topic, in order within each partition."""
    group, found = f"reader-{uuid.uuid4().hex}", []
    with closing(open_bus(settings)) as bus:
        bus.ensure([raw_topic(topic)])
        with bus.subscribe(raw_topic(topic), group=group, member="reader") as member:
            while bus.backlog(raw_topic(topic), group=group):
                got = member.poll(limit=1000, timeout_s=0.5)
                found += got
                member.ack(got)
    return found


def by_key(deliveries: Sequence[Delivery[Message]]) -> dict[str, list[bytes]]:
    """The bodies of every key, in the order they came."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for each in deliveries:
        found[each.key].append(each.body)
    return dict(found)


def numbered(count: int, *, start: int = 0, site: str = "") -> list[Message]:
    """Messages of twenty keys in turn; bodies hold bytes of every kind and tell their place."""
    return [
        Message(0, 0, f"{site}晴-{number % 20}", b"\x00\xff\n" + f"{site}第{number}号".encode() + bytes([number % 256]))
        for number in range(start, start + count)
    ]


def wanted(messages: Sequence[Message]) -> dict[str, list[bytes]]:
    """What `by_key` should give for these."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for each in messages:
        found[each.key].append(each.body)
    return dict(found)


def without_repeats(bodies: dict[str, list[bytes]]) -> dict[str, list[bytes]]:
    """As a store with unique keys keeps them: each body once, where it came first."""
    return {key: list(dict.fromkeys(each)) for key, each in bodies.items()}
