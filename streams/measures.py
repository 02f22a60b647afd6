"""Measures: what a process counts and times, as Prometheus reads it, in a registry of its own.

Owns every metric's name, labels and meaning: one visible table, which docs/operations.md repeats and a test compares.
Labels hold topics, partitions, outcomes and versions; never anything of a subject. Redelivered messages count again;
the store knows each once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, time
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Stage = Literal["bus", "pictures", "detectors", "store"]
SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

# name: labels and meaning. Prometheus shows counters with `_total` behind their name.
COUNTERS: dict[str, tuple[tuple[str, ...], str]] = {
    "jianzhen_received": (("topic",), "Messages that a worker took from the bus"),
    "jianzhen_screened": (("kind", "outcome"), "Subjects screened and stored, by kind and outcome"),
    "jianzhen_dead_letters": (("topic",), "Messages set aside because they can never be processed"),
    "jianzhen_batches": ((), "Batches that a worker took to their end"),
    "jianzhen_retries": ((), "Steps done again because a server was away"),
}
GAUGES: dict[str, tuple[tuple[str, ...], str]] = {
    "jianzhen_last_batch_timestamp_seconds": ((), "When a worker last took a batch to its end"),
    "jianzhen_lag_messages": (("topic", "partition"), "Messages that wait for the group, by partition"),
    "jianzhen_outbox_messages": ((), "Messages of the outbox that were not relayed yet"),
    "jianzhen_outbox_oldest_seconds": ((), "How long the oldest of them has waited"),
    "jianzhen_context_info": (
        ("organisation", "registry_version", "context_version"),
        "1 for the context that this process screens with",
    ),
}
HISTOGRAMS: dict[str, tuple[tuple[str, ...], str]] = {
    "jianzhen_stage_seconds": (("stage",), "Seconds that a batch spent in bus, pictures, detectors, store"),
    "jianzhen_http_seconds": (("method", "route", "status"), "Seconds that the API took to answer"),
}
TABLE = {**COUNTERS, **GAUGES, **HISTOGRAMS}


class Measures:
    """The metrics of one process. Safe to share between threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters = {
            name: Counter(name, told, labels, registry=self.registry) for name, (labels, told) in COUNTERS.items()
        }
        self._gauges = {
            name: Gauge(name, told, labels, registry=self.registry) for name, (labels, told) in GAUGES.items()
        }
        self._histograms = {
            name: Histogram(name, told, labels, buckets=SECONDS, registry=self.registry)
            for name, (labels, told) in HISTOGRAMS.items()
        }
        self.ticked_at = time()
        """When the worker last came round its loop, whether or not there was work."""

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """So many more."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(amount)

    def seconds(self, name: str, took: float, **labels: str) -> None:
        """One more took so long."""
        self._histograms[name].labels(**labels).observe(took)

    def set(self, name: str, value: float) -> None:
        """It stands at this now."""
        self._gauges[name].set(value)

    def replace(self, name: str, values: Mapping[tuple[str, ...], float]) -> None:
        """These are all there are now, by their labels in order; others are forgotten."""
        self._gauges[name].clear()
        for labels, value in values.items():
            self._gauges[name].labels(*labels).set(value)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Time what is done inside."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.seconds("jianzhen_stage_seconds", perf_counter() - begun, stage=stage)

    def tick(self) -> None:
        """The worker's loop came round."""
        self.ticked_at = time()

    def batch_done(self) -> None:
        """A batch came to its end."""
        self.count("jianzhen_batches")
        self.set("jianzhen_last_batch_timestamp_seconds", time())

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def value(self, name: str, **labels: str) -> float:
        """One sample as it stands, 0 when it never was; counters by their name with `_total`."""
        return self.registry.get_sample_value(name, labels) or 0.0
