"""Dead letters over the API and in the console: shown by their shape, replayed once, by those who may."""

import json

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from models.audit import Act
from models.dead_letters import LetterPlace, LetterState
from models.leads import DeadLetter
from models.moments import now
from models.organisations import Role
from review_api.dead_letters import shape_of
from review_api.retrying import HEADER, REPLAYED
from tests.review_api.conftest import Caller
from tests.review_api.test_queue_work import colleague
from tests.review_api.world import World

BODY = (
    '{"schema":1,"kind":"listing","organisation_id":"linhai","subject":{"listing_id":7,'
    '"seller":{"name":"张三","phone":"13900001111"},"13800138000":"x","prices":[1,2,3,4,5]}}'
)
REASON = "not a listing message: subject.listing_id: Input should be a valid string"
SECRETS = ("张三", "13900001111", "13800138000")


def letter(world: World, offset: int, **fields: str) -> str:
    given = {"payload": BODY, "reason": REASON, "topic": "jianzhen.listings", "organisation_id": "linhai"} | fields
    made = DeadLetter(
        partition=0, offset=offset, key=f"k{offset}", payload_sha256=f"{offset:064x}", first_seen=now(),
        last_seen=now(), **given,
    )  # fmt: skip
    world.store.screenings.record([], [made])
    return f"{made.topic}:0:{offset}"


def state(world: World, letter_id: str) -> LetterState:
    topic, partition, offset = letter_id.split(":")
    place = LetterPlace(topic=topic, partition=int(partition), offset=int(offset))
    return world.store.dead_letters.get("linhai", place).state


def sent(world: World) -> list[str]:
    """The keys of the messages that go out again."""
    found = world.store.outbox.claim(by="looks", at=now(), until=now(), limit=1000)
    return [each.key for each in found if each.topic == "jianzhen.listings"]


@pytest.fixture
def head(app: FastAPI, portal: BlockingPortal, world: World) -> Caller:
    return colleague(app, portal, world, "zhang.wei", Role.SUPERVISOR)


def test_letters_are_listed_without_what_they_hold(world: World, head: Caller) -> None:
    ids = [letter(world, 1), letter(world, 2, reason="other"), letter(world, 3, organisation_id="qiaonan")]
    listed = head.get("/api/v1/dead-letters").json()
    assert [each["letter_id"] for each in listed["letters"]] == [ids[1], ids[0]]
    assert head.get("/api/v1/dead-letters", params={"reason": "other"}).json()["total"] == 1
    assert head.get("/api/v1/dead-letters", params={"state": "settled"}).json()["total"] == 0
    one = head.get(f"/api/v1/dead-letters/{ids[0]}")
    assert (one.json()["attempts"], one.json()["reason"]) == (1, REASON)
    pages = head.get("/dead-letters").text + head.get(f"/dead-letters/{ids[0]}").text
    assert REASON in pages
    assert not [secret for secret in SECRETS if secret in json.dumps(listed) + one.text + pages]
    assert head.get(f"/api/v1/dead-letters/{ids[2]}").status_code == 404
    assert head.get("/dead-letters?state=nonsense&after=%00&topic=%00").status_code in (200, 422)


def test_a_replay_is_done_once_however_often_it_is_sent(world: World, head: Caller) -> None:
    letter_id = letter(world, 1)
    asked = {"json": {"letters": [letter_id]}, "headers": {HEADER: "key-1"}}
    first, again = (head.post("/api/v1/dead-letters/replays", **asked) for _ in range(2))
    assert (first.status_code, first.json()["replayed"]) == (200, [letter_id])
    assert (again.json(), again.headers[REPLAYED]) == (first.json(), "true")
    assert sent(world) == ["k1"]
    assert state(world, letter_id) is LetterState.REPLAYED
    assert head.post("/api/v1/dead-letters/replays", json={"letters": [letter_id]}).status_code == 409
    entry = world.store.audit.entries("linhai", act=Act.LETTERS_REPLAYED)[-1]
    assert (entry.entry.actor, entry.entry.details) == ("zhang.wei", {"replayed": "1"})


def test_all_of_a_reason_are_replayed_from_the_page(world: World, head: Caller) -> None:
    ids = [letter(world, offset) for offset in (1, 2, 3)] + [letter(world, 4, reason=f"{REASON} too")]
    form = {"csrf_token": head.csrf, "topic": "jianzhen.listings", "reason": REASON}
    assert head.post("/dead-letters/replay", data=form).status_code == 422  # not confirmed
    assert head.post("/dead-letters/replay", data={**form, "csrf_token": "x", "confirmed": "yes"}, csrf=False).is_error
    assert sent(world) == []
    done = head.post("/dead-letters/replay", data={**form, "confirmed": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, "/dead-letters?replayed=3&overtaken=0")
    assert sorted(sent(world)) == ["k1", "k2", "k3"]
    assert state(world, ids[3]) is LetterState.OPEN
    assert "已重放 3 条" in head.get(done.headers["location"]).text


def test_one_is_replayed_from_its_page(world: World, head: Caller) -> None:
    letter_id = letter(world, 1)
    done = head.post(f"/dead-letters/{letter_id}/replay", data={"csrf_token": head.csrf, "confirmed": "yes"})
    assert done.status_code == 303
    shown = head.get(done.headers["location"]).text
    assert "zhang.wei" in shown
    assert "/replay" not in shown
    assert (
        head.post(f"/dead-letters/{letter_id}/replay", data={"csrf_token": head.csrf, "confirmed": "yes"}).status_code
        == 409
    )


def test_officers_see_no_letters(app: FastAPI, portal: BlockingPortal, world: World) -> None:
    officer = colleague(app, portal, world, "wu.jun", Role.OFFICER)
    letter_id = letter(world, 1)
    assert officer.get("/dead-letters").status_code == 403
    assert "/dead-letters" not in officer.get("/leads").text
    assert officer.post("/api/v1/dead-letters/replays", json={"letters": [letter_id]}).status_code == 403
    assert state(world, letter_id) is LetterState.OPEN


@pytest.mark.parametrize("body", [{}, {"letters": ["x"]}, {"letters": ["jianzhen.listings:0:1"], "reason": "y"}])
def test_a_replay_that_names_nothing_or_too_much_is_refused(head: Caller, body: dict[str, object]) -> None:
    assert head.post("/api/v1/dead-letters/replays", json=body).status_code == 422


def test_only_the_shape_is_told() -> None:
    shape = shape_of(BODY.encode())
    assert json.loads(shape)["subject"]["seller"] == {"name": "(text, 2)", "phone": "(text, 11)"}
    assert json.loads(shape)["schema"] == 1
    assert not [secret for secret in SECRETS if secret in shape]
    assert shape_of(b"\xff\xfe 13900001111") == "(14 bytes, no JSON)"
    assert "13900001111" not in shape_of(b'"13900001111"') + shape_of(b"13900001111")
    assert "13900001111" not in shape_of(b'{"organisation_id": "13900001111", "kind": "' + b"x" * 99 + b'"}')
    assert shape_of(b"[" * 100_000).endswith("no JSON)")
