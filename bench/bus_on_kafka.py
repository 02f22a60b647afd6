"""The bus over a real Apache Kafka: messages polled and acknowledged a second by a handler that does nothing, beside a
bare kafka-python loop on the same messages. `python -m bench bus-on-kafka`

The loop is the one that one would write first: kafka-python's own defaults, nothing committed by the clock, `poll` and
`commit` in turn. Every round has a topic and messages of its own; the arms read them in turn, each as a group of its
own, and every other round the other one begins. The clock runs from the first batch on, so that joining is left out;
the median of the rounds counts.
"""

import os
import statistics
import uuid
from collections.abc import Callable
from time import perf_counter

from kafka import KafkaConsumer

from bench.bus import BATCH, BODY, Message
from streams.bus import Topic
from streams.bus.kafka import KafkaBus
from streams.settings import BusSettings
from tests.servers import kafka

ROUNDS = 5
MESSAGES = 50_000


def run() -> dict[str, float]:
    """Messages a second, and the ratio; nothing where Kafka's jars are not installed."""
    if not kafka.STAMP.exists() or kafka.find_java() is None:
        return {}
    server = kafka.running()
    bus = KafkaBus([server], BusSettings())
    arms: dict[str, Callable[[Topic[Message]], float]] = {
        "bus": lambda topic: _bus(bus, topic),
        "bare": lambda topic: _bare(server, topic),
    }
    rates: dict[str, list[float]] = {name: [] for name in arms}
    for number in range(ROUNDS):
        topic = _topic()
        bus.ensure([topic])
        bus.publish(topic, ((f"key-{place % 997}", os.urandom(BODY)) for place in range(MESSAGES)))
        for name in sorted(arms, reverse=number % 2 == 1):
            rates[name].append(arms[name](topic))
    bus.close()
    ratios = [bare / ours for ours, bare in zip(rates["bus"], rates["bare"], strict=True)]
    return {
        f"messages of {BODY} B polled and acknowledged over Kafka/s, {BATCH} at a time": statistics.median(
            rates["bus"]
        ),
        "the same by a bare kafka-python loop/s": statistics.median(rates["bare"]),
        "times slower than the bare loop (at most 2), median of the rounds": statistics.median(ratios),
        "times slower in the slowest round": max(ratios),
    }


def _topic() -> Topic[Message]:
    name = f"bench-{uuid.uuid4().hex}"
    return Topic(name, encode=lambda pair: pair[1], decode=lambda body: ("", body), key=lambda pair: pair[0])


def _bus(bus: KafkaBus, topic: Topic[Message]) -> float:
    with bus.subscribe(topic, group="bench", member="one") as member:
        started, got, first = 0.0, 0, 0
        while got < MESSAGES:
            batch = member.poll(limit=BATCH, timeout_s=1)
            if batch and not started:
                started, first = perf_counter(), len(batch)
            member.ack(batch)
            got += len(batch)
        return (got - first) / (perf_counter() - started)


def _bare(server: str, topic: Topic[Message]) -> float:
    consumer = KafkaConsumer(
        topic.name,
        bootstrap_servers=[server],
        group_id=f"bare-{topic.name}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=BATCH,
    )
    started, got, first = 0.0, 0, 0
    while got < MESSAGES:
        found = consumer.poll(timeout_ms=1000)
        count = sum(map(len, found.values()))
        if count and not started:
            started, first = perf_counter(), count
        if count:
            consumer.commit()
        got += count
    rate = (got - first) / (perf_counter() - started)
    consumer.close(autocommit=False)
    return rate
