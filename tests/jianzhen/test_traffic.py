"""`jianzhen relay`, `rescreen` and `dead-letters`, from the command to the store and the bus."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.audit import Act
from models.dead_letters import LetterQuery, LetterState
from models.leads import Outcome
from models.moments import now
from models.registry import Mark, Registry
from models.storage import SqlStore, StoreSettings, migrate, open_store
from models.subjects import Listing
from streams.bus import Bus, open_bus
from streams.bus.raw import Raw, raw_topic
from streams.bus.topics import LISTINGS, REGISTRY_CHANGES
from streams.settings import BusSettings
from tests.jianzhen.command_line import Inside

GOOD = [
    Listing(listing_id=f"L{number}", platform="集市", title=f"白·鹭·泉 矿泉水500ml*24瓶 {number}")
    for number in range(6)
]
FUTURE = LISTINGS.encode(GOOD[0]).replace(b'"schema":1', b'"schema":9')
PRIVATE = b'{"schema":1,"kind":"listing","organisation_id":"local","subject":{"seller":"13900001111"}}'


@pytest.fixture
def store(jianzhen: Inside) -> Iterator[SqlStore]:
    settings = StoreSettings(url=f"sqlite:///{jianzhen.folder}/.jianzhen/jianzhen.sqlite")
    migrate(settings)
    opened = open_store(settings)
    yield opened
    opened.close()


@pytest.fixture
def bus(jianzhen: Inside) -> Iterator[Bus]:
    Path(jianzhen.folder, ".jianzhen").mkdir(exist_ok=True)
    opened = open_bus(BusSettings(url=f"sqlite:///{jianzhen.folder}/.jianzhen/bus.sqlite"))
    yield opened
    opened.close()


def commit(store: SqlStore, *texts: str) -> None:
    marks = tuple(Mark(mark_id=f"m{place}", text=text, nice_classes=(32,)) for place, text in enumerate(texts))
    store.registry.commit("local", Registry(marks=marks), at=now())


def test_what_was_committed_is_relayed(jianzhen: Inside, store: SqlStore, bus: Bus) -> None:
    assert "waiting: 0\n" in jianzhen("relay", "--waiting").out
    commit(store, "白鹭泉")
    assert "waiting: 1 (" in jianzhen("relay", "--waiting").out
    ran = jianzhen("relay", "--until-idle")
    assert (ran.code, "published: 1" in ran.err) == (0, True)
    with bus.subscribe(REGISTRY_CHANGES, group="others", member="one") as subscription:
        (delivery,) = subscription.poll(limit=10, timeout_s=5)
    assert json.loads(delivery.body)["kind"] == "registry-change"
    assert "published: 0" in jianzhen("relay", "--until-idle").err


def test_letters_are_listed_shown_and_replayed_by_reason(jianzhen: Inside, store: SqlStore, bus: Bus) -> None:
    bus.publish(raw_topic(LISTINGS.name), [Raw("k1", b"\xff"), Raw("k2", FUTURE), Raw("k3", PRIVATE)])
    assert jianzhen("worker", "--until-idle").code == 0
    listed = jianzhen("dead-letters", "list")
    assert "(3/3)" in listed.out
    assert "schema 9" in listed.out
    assert "(1/1)" in jianzhen("dead-letters", "list", "--reason", "schema 9", "--topic", "listings").out
    letter = store.dead_letters.find("local", LetterQuery(reason="subject")).letters[0]
    place = f"listings:{letter.partition}:{letter.offset}"
    assert "13900001111" not in listed.said + jianzhen("dead-letters", "show", place).said
    assert "13900001111" in jianzhen("dead-letters", "show", place, "--payload").out
    assert "replayed: 1" in jianzhen("dead-letters", "replay", "--reason", "schema 9").err
    assert "replayed: 0" in jianzhen("dead-letters", "replay", "--reason", "schema 9").err
    assert "replayed: 1" in jianzhen("dead-letters", "replay", place).err
    assert jianzhen("relay", "--until-idle").code == 0
    assert jianzhen("worker", "--until-idle").code == 0
    assert [each.attempts for each in store.dead_letters.find("local", LetterQuery(reason="schema 9")).letters] == [2]
    assert store.dead_letters.find("local", LetterQuery(states=(LetterState.REPLACED,))).total == 2
    entries = store.audit.entries("local", act=Act.LETTERS_REPLAYED)
    assert [each.entry.details["letters"] for each in entries] == ["1", "0", "1"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("show", "listings"), "not the place of a letter"),
        (("show", "listings:x:1"), "not the place of a letter"),
        (("show", "listings:0:99"), "no dead letter"),
        (("replay",), "choose by --reason"),
        (("replay", "listings:0:1", "--reason", "x"), "choose by --reason"),
        (("replay", "listings:0:99"), "no dead letter"),
    ],
)
def test_what_names_no_letter_is_said(jianzhen: Inside, store: SqlStore, arguments: tuple[str, ...], why: str) -> None:
    assert store.dead_letters.find("local", LetterQuery()).total == 0
    ran = jianzhen("dead-letters", *arguments)
    assert ran.code != 0
    assert why in ran.err


def test_stored_subjects_are_screened_again(jianzhen: Inside, store: SqlStore, bus: Bus) -> None:
    bus.publish(LISTINGS, GOOD)
    jianzhen("worker", "--until-idle")
    assert store.screenings.outcomes("local")[Outcome.LEAD] == 0
    commit(store, "白鹭泉")
    ran = jianzhen("rescreen", "--rate", "0", "--batch", "4")
    assert ran.code == 0, ran.err
    assert "6/6" in ran.out
    assert store.screenings.outcomes("local")[Outcome.LEAD] > 0
    assert jianzhen("rescreen", "--kind", "shop").code == 2
