"""What every bus promises, as one suite. A bus inherits `BusContract` and says how it is opened.

Messages are (key, text) pairs on a topic that belongs to one test alone.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from models.errors import ConflictError, InputError, PoisonError
from models.subjects import Listing
from streams.bus import Bus, Delivery, Subscription, Topic, open_bus
from streams.bus.topics import LISTINGS
from streams.settings import BusSettings

Text = tuple[str, str]

# A member in a process of its own: takes one batch, says how many it got, acknowledges nothing and waits for its death.
DOOMED_MEMBER = """
import sys, time
from streams.bus import open_bus
from streams.settings import BusSettings
from tests.streams.bus.contract import text_topic
settings, topic, group = BusSettings.model_validate_json(sys.argv[1]), text_topic(sys.argv[2]), sys.argv[3]
with open_bus(settings).subscribe(topic, group=group, member="doomed") as member:
    while not (batch := member.poll(limit=1000, timeout_s=1)):
        pass
    print(len(batch), flush=True)
    time.sleep(120)
"""


def text_topic(name: str) -> Topic[Text]:
    """A topic of (key, text) pairs; the text alone travels as the body."""
    return Topic(name=name, encode=lambda pair: pair[1].encode(), decode=lambda body: ("", body.decode()), key=_first)


def _first(pair: Text) -> str:
    return pair[0]


def numbered(count: int, start: int = 0) -> list[Text]:
    """Messages of twenty keys in turn, each text telling its place."""
    return [(f"key-{number % 20}", str(number)) for number in range(start, start + count)]


def drain(
    member: Subscription[Text], count: int, *, patience_s: float = 30.0, ack: bool = True
) -> list[Delivery[Text]]:
    """Poll until `count` messages came; fewer when patience ends."""
    got: list[Delivery[Text]] = []
    deadline = time.monotonic() + patience_s
    while len(got) < count and time.monotonic() < deadline:
        batch = member.poll(limit=100, timeout_s=0.2)
        got.extend(batch)
        if ack:
            member.ack(batch)
    return got


def texts(deliveries: Sequence[Delivery[Text]]) -> list[str]:
    return [delivery.body.decode() for delivery in deliveries]


class BusContract:
    """Inherit and provide the fixture `settings` (three partitions, short timeouts)."""

    @pytest.fixture
    def settings(self) -> BusSettings:
        raise NotImplementedError

    @pytest.fixture
    def bus(self, settings: BusSettings) -> Iterator[Bus]:
        opened = open_bus(settings)
        yield opened
        opened.close()

    @pytest.fixture
    def topic(self, bus: Bus) -> Topic[Text]:
        fresh = text_topic(f"test-{uuid.uuid4().hex}")
        assert bus.ensure([fresh]) == (fresh.name,)
        return fresh

    @pytest.fixture
    def group(self) -> str:
        return f"group-{uuid.uuid4().hex}"

    def test_creating_a_topic_again_changes_nothing(self, bus: Bus, topic: Topic[Text], group: str) -> None:
        bus.publish(topic, numbered(10))
        assert bus.ensure([topic]) == ()
        assert bus.backlog(topic, group=group) == 10

    def test_tells_how_far_a_group_is_in_every_partition(self, bus: Bus, topic: Topic[Text], group: str) -> None:
        bus.publish(topic, numbered(40))
        assert sum(place.end for place in bus.places(topic, group=group).values()) == 40
        assert {place.committed for place in bus.places(topic, group=group).values()} == {0}
        with bus.subscribe(topic, group=group, member="one") as member:
            drain(member, 40)
        places = bus.places(topic, group=group)
        assert sorted(places) == [0, 1, 2]
        assert all(place.committed == place.end and place.lag == 0 for place in places.values())

    def test_delivers_everything_once_and_in_order_within_a_key(self, bus: Bus, topic: Topic[Text], group: str) -> None:
        assert bus.publish(topic, numbered(150)) == 150
        assert bus.publish(topic, iter(numbered(150, start=150))) == 150
        with bus.subscribe(topic, group=group, member="one") as member:
            got = drain(member, 300)
        assert sorted(map(int, texts(got))) == list(range(300))
        for key in {delivery.key for delivery in got}:
            own = [int(delivery.body) for delivery in got if delivery.key == key]
            assert own == sorted(own)
            assert {number % 20 for number in own} == {int(key.removeprefix("key-"))}
        assert len({delivery.partition for delivery in got}) == 3

    def test_a_poll_keeps_its_limit_and_its_patience(self, bus: Bus, topic: Topic[Text], group: str) -> None:
        bus.publish(topic, numbered(50))
        with bus.subscribe(topic, group=group, member="one") as member:
            sizes = []
            while sum(sizes) < 50:
                batch = member.poll(limit=7, timeout_s=5)
                sizes.append(len(batch))
                member.ack(batch)
            assert max(sizes) <= 7
            assert member.poll(limit=7, timeout_s=0.1) == []

    def test_what_was_not_acknowledged_comes_again(self, bus: Bus, topic: Topic[Text], group: str) -> None:
        bus.publish(topic, numbered(90))
        with bus.subscribe(topic, group=group, member="one") as member:
            first = drain(member, 90, ack=False)
            assert len(first) == 90
            finished = [delivery for delivery in first if delivery.partition == first[0].partition]
            member.ack(finished)
            # The first of another partition stays open, so that nothing behind it may be committed.
            other = [delivery for delivery in first if delivery.partition != first[0].partition]
            held_back = {delivery.partition: delivery for delivery in reversed(other)}
            member.ack([delivery for delivery in other if delivery not in held_back.values()])
        assert bus.backlog(topic, group=group) == len(other)
        with bus.subscribe(topic, group=group, member="one") as member:
            again = drain(member, len(other))
            assert sorted(texts(again)) == sorted(texts(other))
            assert member.poll(limit=10, timeout_s=0.3) == []
        assert bus.backlog(topic, group=group) == 0

    def test_acknowledging_out_of_order_commits_once_the_gap_is_closed(
        self, bus: Bus, topic: Topic[Text], group: str
    ) -> None:
        bus.publish(topic, [("same", str(number)) for number in range(10)])
        with bus.subscribe(topic, group=group, member="one") as member:
            got = drain(member, 10, ack=False)
            member.ack(got[5:])
            assert bus.backlog(topic, group=group) == 10
            member.ack(got[:5])
            assert bus.backlog(topic, group=group) == 0

    def test_a_member_that_finishes_nothing_is_given_no_more_than_the_limit(
        self, settings: BusSettings, topic: Topic[Text], group: str
    ) -> None:
        narrow = open_bus(settings.model_copy(update={"unfinished_limit": 20}))
        narrow.publish(topic, numbered(60))
        with narrow.subscribe(topic, group=group, member="one") as member:
            got = drain(member, 60, patience_s=3, ack=False)
            assert len(got) == 20
            member.ack(got)
            assert len(drain(member, 40)) == 40
        narrow.close()

    def test_groups_do_not_see_each_other(self, bus: Bus, topic: Topic[Text], group: str) -> None:
        bus.publish(topic, numbered(30))
        with bus.subscribe(topic, group=group, member="one") as member:
            drain(member, 30)
        assert bus.backlog(topic, group=group) == 0
        assert bus.backlog(topic, group=f"{group}-other") == 30
        with bus.subscribe(topic, group=f"{group}-other", member="one") as member:
            assert len(drain(member, 30)) == 30

    def test_members_share_the_partitions_and_a_leaver_is_replaced(
        self, bus: Bus, settings: BusSettings, topic: Topic[Text], group: str
    ) -> None:
        with bus.subscribe(topic, group=group, member="one") as one:
            bus.publish(topic, numbered(30))
            drain(one, 30)
            with bus.subscribe(topic, group=group, member="two") as two:
                seen: dict[str, set[int]] = {"one": set(), "two": set()}
                number = 30
                deadline = time.monotonic() + 30
                while not (seen["one"] and seen["two"]) and time.monotonic() < deadline:
                    bus.publish(topic, numbered(20, start=number))
                    number += 20
                    seen = {"one": _round(one), "two": _round(two)}
                assert seen["one"]
                assert seen["two"]
                assert not seen["one"] & seen["two"]
                # Both go on until nothing is left, so that what comes next was not delivered before.
                while bus.backlog(topic, group=group) and time.monotonic() < deadline:
                    _round(one)
                    _round(two)
            bus.publish(topic, numbered(60, start=1000))
            fresh = {text for text in texts(drain(one, 60)) if int(text) >= 1000}
        assert len(fresh) == 60

    def test_a_member_that_dies_is_replaced_and_its_messages_come_again(
        self, bus: Bus, settings: BusSettings, topic: Topic[Text], group: str
    ) -> None:
        bus.publish(topic, numbered(40))
        command = [sys.executable, "-c", DOOMED_MEMBER, settings.model_dump_json(), topic.name, group]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as doomed:
            assert doomed.stdout is not None
            try:
                assert int(doomed.stdout.readline()) > 0
            finally:
                os.kill(doomed.pid, signal.SIGKILL)
        with bus.subscribe(topic, group=group, member="heir") as heir:
            assert sorted(map(int, texts(drain(heir, 40)))) == list(range(40))

    def test_a_name_taken_anew_fences_the_older_bearer(self, bus: Bus, topic: Topic[Text], group: str) -> None:
        bus.publish(topic, numbered(40))
        with bus.subscribe(topic, group=group, member="one") as older:
            got = drain(older, 40, ack=False)
            with bus.subscribe(topic, group=group, member="one") as newer:
                again = drain(newer, 40, ack=False)
                assert sorted(texts(again)) == sorted(texts(got))
                older.ack(got)
                assert bus.backlog(topic, group=group) == 40
                with pytest.raises(ConflictError, match="one"):
                    drain(older, 1, patience_s=15)
                newer.ack(again)
                assert bus.backlog(topic, group=group) == 0

    def test_a_member_that_hangs_loses_its_partitions_and_cannot_commit_late(
        self, bus: Bus, settings: BusSettings, topic: Topic[Text], group: str
    ) -> None:
        bus.publish(topic, numbered(40))
        with bus.subscribe(topic, group=group, member="slow") as slow:
            got = drain(slow, 40, ack=False)
            time.sleep(settings.handling_limit_s + settings.session_timeout_s / 4)
            with bus.subscribe(topic, group=group, member="quick") as quick:
                taken = drain(quick, 40, ack=False)
                assert sorted(texts(taken)) == sorted(texts(got))
                slow.ack(got)
                assert bus.backlog(topic, group=group) == 40
                quick.ack(taken)
                assert bus.backlog(topic, group=group) == 0

    def test_a_payload_too_large_is_refused(self, bus: Bus, topic: Topic[Text]) -> None:
        huge = Listing(listing_id="L1", platform="p", title="大" * 400_000)
        with pytest.raises(InputError, match="bytes on the wire"):
            bus.publish(replace(LISTINGS, name=topic.name), [huge])

    def test_bytes_that_nobody_can_read_are_delivered_raw(self, bus: Bus, topic: Topic[Text], group: str) -> None:
        listings: Topic[bytes] = Topic(
            name=topic.name,
            encode=bytes,
            decode=LISTINGS.decode,
            key=lambda _: "k",  # type: ignore[arg-type]
        )
        bus.publish(listings, [b"\xff\xfe{"])
        with bus.subscribe(listings, group=group, member="one") as member:
            deliveries: list[Delivery[bytes]] = []
            while not deliveries:
                deliveries.extend(member.poll(limit=10, timeout_s=1))
            assert deliveries[0].body == b"\xff\xfe{"
            with pytest.raises(PoisonError):
                deliveries[0].payload()

    def test_the_suite_catches_a_bus_that_commits_what_it_delivers(
        self, bus: Bus, topic: Topic[Text], group: str
    ) -> None:
        with pytest.raises(AssertionError):
            self.test_what_was_not_acknowledged_comes_again(CommitsOnPoll(bus), topic, group)


class CommitsOnPoll:
    """A bus that is wrong on purpose: it acknowledges whatever it hands out."""

    def __init__(self, bus: Bus) -> None:
        self.publish, self.backlog = bus.publish, bus.backlog
        self.ensure, self.close = bus.ensure, bus.close
        self._subscribe: Callable[..., AbstractContextManager[Subscription[Text]]] = bus.subscribe

    def subscribe(self, topic: Topic[Text], *, group: str, member: str) -> "CommitsOnPollSubscription":
        return CommitsOnPollSubscription(self._subscribe(topic, group=group, member=member))


class CommitsOnPollSubscription:
    def __init__(self, right: AbstractContextManager[Subscription[Text]]) -> None:
        self._right = right

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery[Text]]:
        batch = self._member.poll(limit=limit, timeout_s=timeout_s)
        self._member.ack(batch)
        return batch

    def ack(self, deliveries: Sequence[Delivery[Text]]) -> None:
        """Already done."""

    def __enter__(self) -> "CommitsOnPollSubscription":
        self._member = self._right.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._right.__exit__(*exc)


def _round(member: Subscription[Text]) -> set[int]:
    """Poll for a while; returns the partitions seen."""
    seen = set()
    for _ in range(3):
        batch = member.poll(limit=100, timeout_s=0.2)
        member.ack(batch)
        seen |= {delivery.partition for delivery in batch}
    return seen
