"""`python -m bench [NAME …]` runs the benches of this list, or those named, and prints their figures.

Every bench measures its baseline in the same run, on fresh inputs, and tells the ratio; the machine's load stands
beside each, because a busy machine makes every figure worse. `bench.quality` needs data of its own: `make eval`.
"""

import argparse
import logging
import os
import platform
from collections.abc import Callable
from time import perf_counter

import structlog

from bench import (
    bus,
    bus_on_kafka,
    carry,
    desk,
    grouping,
    paint,
    peers,
    picture_search,
    pictures,
    queue,
    store,
    throughput,
    trademark,
    words,
    words_at_work,
)

BENCHES: dict[str, Callable[[], dict[str, float]]] = {
    "throughput": throughput.run,
    "bus": bus.run,
    "bus-on-kafka": bus_on_kafka.run,
    "carry": carry.run,
    "store": store.run,
    "queue": queue.run,
    "desk": desk.run,
    "pictures": pictures.run,
    "picture-search": picture_search.run,
    "grouping": grouping.run,
    "trademark": trademark.run,
    "peers": peers.run,
    "paint": paint.run,
    "words": words.run,
    "words-at-work": words_at_work.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, beside a baseline.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHES)}; all without a name")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))  # what a service tells
    names = parser.parse_args().names or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        parser.error(f"no bench is called {', '.join(unknown)}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in names:
        print(f"\n{name} (load average before: {_load()})", flush=True)
        started = perf_counter()
        for figure, value in BENCHES[name]().items():
            print(f"  {_shown(value):>12}  {figure}", flush=True)
        print(f"  took {perf_counter() - started:.0f} s, load average after: {_load()}", flush=True)


def _load() -> str:
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


if __name__ == "__main__":
    main()
