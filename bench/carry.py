"""Batch files over a gap: messages carried out and in a second. `python -m bench carry`

The baseline is the embedded log alone, in the same run: what it takes to read the same messages with acknowledgement
(the outer side) and to publish them (the inner side). The rest is sealing, signing, the disk and proving.
"""

import statistics
import tempfile
from contextlib import closing
from pathlib import Path
from time import perf_counter

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from streams.bus import open_bus
from streams.bus.raw import Raw, raw_topic
from streams.carrying import CarrySettings, Incoming, Outgoing
from streams.carrying.ledger import Ledger
from streams.settings import BusSettings

ROUNDS = 3
MESSAGES = 20_000
BODY = 1000
TOPIC = raw_topic("bench")


def run() -> dict[str, float]:
    """Messages a second, and the share of the log's own rate that is left."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    taken: dict[str, list[float]] = {"out": [], "in": [], "read": [], "publish": []}
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            for name, seconds in _round(Path(folder), number).items():
                taken[name].append(seconds)
    rate = {name: MESSAGES / statistics.median(times) for name, times in taken.items()}
    return {
        "messages a second carried out": rate["out"],
        "messages a second carried in": rate["in"],
        "carried out, of reading alone": rate["out"] / rate["read"],
        "carried in, of publishing alone": rate["in"] / rate["publish"],
    }


def _round(folder: Path, number: int) -> dict[str, float]:
    messages = [Raw(f"key-{each % 997}", bytes([number, each % 256]) * (BODY // 2)) for each in range(MESSAGES)]
    outer, inner = (BusSettings(url=f"sqlite:///{folder}/{name}.sqlite") for name in ("outer", "inner"))
    settings, key = CarrySettings(folder=str(folder / "carry")), Ed25519PrivateKey.generate()
    took = {}
    with closing(open_bus(outer)) as bus:
        begun = perf_counter()
        bus.publish(TOPIC, messages)
        took["publish"] = perf_counter() - begun
        begun = perf_counter()
        with bus.subscribe(TOPIC, group="plain", member="one") as member:
            while got := member.poll(limit=settings.batch_messages, timeout_s=0.1):
                member.ack(got)
        took["read"] = perf_counter() - begun
        begun = perf_counter()
        with Outgoing(bus, TOPIC.name, folder / "between", key, settings) as carrier:
            while carrier.round(timeout_s=0.1):
                pass
        took["out"] = perf_counter() - begun
    trusted = {settings.site: [key.public_key()]}
    with closing(open_bus(inner)) as bus:
        begun = perf_counter()
        names = frozenset({TOPIC.name})
        seen = Incoming(bus, folder / "between", Ledger(folder / "in"), lambda: trusted, names, settings).sweep()
        took["in"] = perf_counter() - begun
    assert seen.messages == MESSAGES
    return took
