"""Retried requests: one effect for a key, however often and however closely together it is sent."""

import asyncio
import time
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from models.errors import TransientFault
from models.storage.cases.store import SqlCaseLeadStore
from models.storage.retries import SqlRetryStore
from review_api import retrying
from review_api.retrying import HEADER, REPLAYED
from review_api.sessions import CSRF_HEADER
from tests.review_api.conftest import Caller
from tests.review_api.world import World

AT_ONCE = 40


@pytest.fixture
def case(officer: Caller, world: World) -> str:
    made = officer.post("/api/v1/case-leads", json={"leads": {world.leads["linhai"][0]: 0}})
    return str(made.headers["location"])


def storm(app: FastAPI, portal: BlockingPortal, officer: Caller, path: str, keys: int, retries: int) -> list[list[Any]]:
    """Every key's request sent `retries` times at once; the answers of each key."""

    async def send_all() -> list[list[Any]]:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        gate = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://console.test", cookies=officer.cookies, timeout=60
        ) as client:

            async def send(key: int) -> httpx.Response:
                headers = {HEADER: f"key-{key}", CSRF_HEADER: officer.csrf}
                async with gate:
                    return await client.post(path, json={"kind": "csv", "receiver": f"r-{key}"}, headers=headers)

            answers = await asyncio.gather(*(send(key) for key in range(keys) for _ in range(retries)))
        return [list(answers[key * retries : (key + 1) * retries]) for key in range(keys)]

    return portal.call(send_all)


def check_storm(app: FastAPI, portal: BlockingPortal, officer: Caller, case: str, keys: int, retries: int) -> None:
    answers = storm(app, portal, officer, f"{case}/exports", keys, retries)
    for same in answers:
        assert {answer.status_code for answer in same} == {HTTPStatus.CREATED}
        assert len({answer.content for answer in same}) == 1
        assert sum(REPLAYED not in answer.headers for answer in same) == 1
    records = officer.get(f"{case}/exports").json()
    assert sorted(record["receiver"] for record in records) == sorted(f"r-{key}" for key in range(keys))
    refused = [
        officer.post(
            f"{case}/exports", json={"kind": "csv", "receiver": "another"}, headers={HEADER: f"key-{key}"}
        ).status_code
        for key in range(keys)
    ]
    assert refused == [HTTPStatus.UNPROCESSABLE_ENTITY] * keys
    assert len(officer.get(f"{case}/exports").json()) == keys


def test_a_few_keys_sent_many_times(app: FastAPI, portal: BlockingPortal, officer: Caller, case: str) -> None:
    check_storm(app, portal, officer, case, 12, 8)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_thousand_keys_sent_twenty_times(app: FastAPI, portal: BlockingPortal, officer: Caller, case: str) -> None:
    check_storm(app, portal, officer, case, 1000, 20)


def test_without_the_mechanism_effects_double(
    app: FastAPI, portal: BlockingPortal, officer: Caller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: a route that does not look at the key."""

    async def careless(request: Any, key: str, handle: Any) -> Any:
        return await handle(request)

    monkeypatch.setattr(retrying, "_once", careless)
    with pytest.raises(AssertionError):
        check_storm(app, portal, officer, case, 2, 4)
    assert len(officer.get(f"{case}/exports").json()) == 8


def test_a_replay_is_the_first_answer_with_its_headers(officer: Caller, case: str) -> None:
    headers = {HEADER: "once", "If-Match": '"0"'}
    first = officer.post(f"{case}/moves", json={"act": "verify"}, headers=headers)
    again = officer.post(f"{case}/moves", json={"act": "verify"}, headers=headers)
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    assert (again.status_code, again.headers["etag"], again.content) == (200, '"1"', first.content)
    assert again.headers[REPLAYED] == "true"
    plain = officer.post(f"{case}/moves", json={"act": "verify"}, headers={"If-Match": '"0"'})
    assert plain.status_code == 409


def test_a_key_is_one_caller_s(officer: Caller, stranger: Caller, world: World) -> None:
    answers = []
    for caller, organisation in ((officer, "linhai"), (stranger, "qiaonan")):
        body = {"leads": {world.leads[organisation][0]: 0}}
        answers.append(caller.post("/api/v1/case-leads", json=body, headers={HEADER: "shared"}))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert REPLAYED not in answers[1].headers
    assert world.leads["linhai"][0] not in answers[1].text


def test_what_was_refused_may_be_sent_again_with_its_key(officer: Caller, case: str) -> None:
    key = {HEADER: "k"}
    assert officer.post(f"{case}/moves", json={"act": "file", "revision": 0}, headers=key).status_code == 409
    assert officer.post(f"{case}/moves", json={"act": "verify", "revision": 0}, headers=key).status_code == 200
    assert officer.post(f"{case}/moves", json={"act": "file", "revision": 1}, headers=key).status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 129, "ключ".encode(), b"a\x07b"])
def test_a_key_that_is_none_is_refused(officer: Caller, case: str, key: Any) -> None:
    answer = officer.post(f"{case}/moves", json={"act": "verify", "revision": 0}, headers={HEADER: key})
    assert answer.status_code == 422
    assert answer.json()["where"] == HEADER


def test_a_key_opens_no_door(anybody: Caller, officer: Caller, case: str) -> None:
    body = {"act": "verify", "revision": 0}
    assert anybody.post(f"{case}/moves", json=body, headers={HEADER: "k"}).status_code == 401
    assert officer.post(f"{case}/moves", json=body, headers={HEADER: "k"}, csrf=False).status_code == 403
    big = {"act": "verify", "revision": 0, "reason": "x" * (11 * 1024 * 1024)}
    assert officer.post(f"{case}/moves", json=big, headers={HEADER: "k"}).status_code == 413


def test_while_another_works_on_it_the_retry_waits_and_then_says_so(
    officer: Caller, world: World, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "PATIENCE_S", 0.1)
    seen: list[str] = []
    begin = SqlRetryStore.begin

    def remember(store: SqlRetryStore, organisation: str, caller: str, key: str, named: str, *, at: Any) -> Any:
        seen.append(named)
        return begin(store, organisation, caller, key, named, at=at)

    monkeypatch.setattr(SqlRetryStore, "begin", remember)
    monkeypatch.setattr(SqlRetryStore, "finish", lambda *_: None)  # the process dies before it keeps the answer
    body = {"act": "verify", "revision": 0}
    assert officer.post(f"{case}/moves", json=body, headers={HEADER: "k"}).status_code == 200
    waiting = officer.post(f"{case}/moves", json=body, headers={HEADER: "k"})
    assert waiting.status_code == 409
    assert "still being worked on" in waiting.json()["detail"]
    assert len(set(seen)) == 1


def test_a_long_request_gives_signs_of_life(officer: Caller, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signs: list[str] = []
    move = SqlCaseLeadStore.move
    monkeypatch.setattr(retrying, "RENEW_S", 0.02)
    monkeypatch.setattr(SqlRetryStore, "renew", lambda *given, **more: signs.append(given[3]))
    monkeypatch.setattr(SqlCaseLeadStore, "move", lambda *given, **more: (time.sleep(0.3), move(*given, **more))[1])
    body = {"act": "verify", "revision": 0}
    assert officer.post(f"{case}/moves", json=body, headers={HEADER: "k"}).status_code == 200
    assert len(signs) > 2
    assert set(signs) == {"k"}
    given = len(signs)
    time.sleep(0.1)
    assert len(signs) == given, "it goes on though the request is answered"


def test_a_change_whose_answer_cannot_be_kept_is_answered_as_made(
    officer: Caller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise TransientFault("the database does not answer")

    monkeypatch.setattr(SqlRetryStore, "finish", away)
    body = {"act": "verify", "revision": 0}
    assert officer.post(f"{case}/moves", json=body, headers={HEADER: "k"}).status_code == 200
    assert officer.get(case).json()["standing"]["revision"] == 1


def test_what_went_wrong_is_told_though_the_key_cannot_be_freed(
    officer: Caller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise TransientFault("the database does not answer")

    monkeypatch.setattr(SqlRetryStore, "abandon", away)
    body = {"act": "file", "revision": 0}
    assert officer.post(f"{case}/moves", json=body, headers={HEADER: "k"}).status_code == 409
