"""Signing in: sessions, their end, guessing, and where a sign-in may lead."""

import re
import sqlite3
from datetime import datetime, timedelta
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from models.errors import InputError, TooManyAttempts
from models.moments import now
from review_api import sessions
from review_api.accounts import hash_password, new_account, verify_password
from review_api.app import create_app
from review_api.console.sign_in import own_path
from review_api.sessions import Attempts
from review_api.settings import ReviewSettings
from tests.models.storage.rivals import race
from tests.review_api.conftest import Caller
from tests.review_api.world import NAMES, PASSWORD, World


class Clock:
    """A present that a test moves."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at


def console(world: World, portal: BlockingPortal, clock: Clock, **settings: Any) -> Caller:
    return Caller(create_app(world.store, world.objects, world.port, ReviewSettings(**settings), clock=clock), portal)


def test_passwords_are_hashed_with_argon2id() -> None:
    hashed = hash_password(PASSWORD)
    assert hashed.startswith("$argon2id$")
    assert hashed != hash_password(PASSWORD)
    assert verify_password(hashed, PASSWORD)
    assert not verify_password(hashed, PASSWORD + " ")
    assert not verify_password(None, PASSWORD)
    assert not verify_password("no hash", PASSWORD)


@pytest.mark.parametrize(
    ("name", "password"), [("", PASSWORD), ("a\nb", PASSWORD), ("x" * 129, PASSWORD), ("a", "short")]
)
def test_accounts_need_a_name_and_a_password(name: str, password: str) -> None:
    with pytest.raises(InputError):
        new_account(name, password)


def test_a_session_lives_in_a_cookie_that_scripts_cannot_read(world: World, portal: BlockingPortal) -> None:
    caller = console(world, portal, Clock())
    answer = caller.sign_in(NAMES["linhai"])
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert caller.get("/api/v1/session").json()["organisation_id"] == "linhai"
    token = caller.cookies["jianzhen-session"]
    with sqlite3.connect(world.folder / "review.sqlite") as connection:
        assert token not in "\n".join(connection.iterdump())
    connection.close()


def test_secure_cookies_are_bound_to_the_host(world: World, portal: BlockingPortal) -> None:
    cookie = console(world, portal, Clock(), secure_cookies=True).sign_in(NAMES["linhai"]).headers["set-cookie"]
    assert cookie.startswith("__Host-jianzhen-session=")
    assert "Secure" in cookie


def test_a_session_ends_by_itself_and_by_signing_out(world: World, portal: BlockingPortal) -> None:
    clock = Clock()
    caller = console(world, portal, clock, session_hours=8)
    caller.sign_in(NAMES["linhai"])
    clock.at += timedelta(hours=7, minutes=59)
    assert caller.get("/api/v1/session").status_code == 200
    clock.at += timedelta(minutes=2)
    assert caller.get("/api/v1/session").status_code == 401
    caller.sign_in(NAMES["linhai"])
    token = caller.cookies["jianzhen-session"]
    assert caller("DELETE", "/api/v1/session").status_code == 204
    kept = caller.get("/api/v1/session", headers={"cookie": f"jianzhen-session={token}"})
    assert kept.status_code == 401


def test_guessing_makes_the_name_wait(world: World, portal: BlockingPortal) -> None:
    clock = Clock()
    caller = console(world, portal, clock, sign_in_attempts=3, sign_in_wait_seconds=60)
    for _ in range(3):
        assert caller.sign_in(NAMES["linhai"], "wrong").status_code == 401
    waiting = caller.sign_in(NAMES["linhai"])
    assert waiting.status_code == 429
    assert 0 < int(waiting.headers["retry-after"]) <= 61
    assert caller.sign_in(NAMES["qiaonan"]).status_code == 200
    clock.at += timedelta(seconds=61)
    assert caller.sign_in(NAMES["linhai"]).status_code == 200


def test_guessing_from_elsewhere_does_not_lock_the_owner_out() -> None:
    attempts, at = Attempts(3, 60), now()
    for _ in range(3):
        attempts.take("he.lan", "203.0.113.9", at)
    with pytest.raises(TooManyAttempts):
        attempts.take("he.lan", "203.0.113.9", at)
    attempts.take("he.lan", "198.51.100.4", at)
    attempts.take("shen.mo", "203.0.113.9", at)


def test_attempts_at_once_are_counted_before_any_has_failed() -> None:
    attempts, at = Attempts(3, 60), now()

    def guess() -> None:
        attempts.take("he.lan", "203.0.113.9", at)

    refused = [answer for answer in race([guess] * 20) if isinstance(answer, TooManyAttempts)]
    assert len(refused) == 17


def test_attempts_of_many_names_are_forgotten_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_REMEMBERED", 5)
    attempts, at = Attempts(1, 60), now()
    for number in range(20):
        attempts.take(f"name {number}" + "x" * 5000, "203.0.113.9", at)
    assert len(attempts._tried) == 5
    assert max(len(name) for name, _ in attempts._tried) == 128
    with pytest.raises(TooManyAttempts):
        attempts.take("name 19" + "x" * 5000, "203.0.113.9", at)


def test_an_unknown_name_is_refused_like_a_wrong_password(anybody: Caller) -> None:
    unknown, wrong = anybody.sign_in("nobody", "wrong"), anybody.sign_in(NAMES["linhai"], "wrong")
    assert unknown.json() == wrong.json()


def test_the_form_signs_in_and_leads_back(anybody: Caller) -> None:
    away = anybody.get("/leads?kind=parcel")
    assert away.headers["location"] == "/signin?next=%2Fleads%3Fkind%3Dparcel"
    page = anybody.get(away.headers["location"])
    token = form_token(page.text)
    data = {"name": NAMES["linhai"], "password": PASSWORD, "target": "/leads?kind=parcel"}
    assert anybody.post("/signin", data=data).status_code == 403
    wrong = anybody.post("/signin", data={**data, "password": "wrong", "csrf_token": token})
    assert wrong.status_code == 401
    assert 'role="alert"' in wrong.text
    done = anybody.post("/signin", data={**data, "csrf_token": token})
    assert (done.status_code, done.headers["location"]) == (303, "/leads?kind=parcel")
    queue = anybody.get("/leads")
    assert queue.status_code == 200
    out = anybody.post("/signout", data={"csrf_token": form_token(queue.text)})
    assert out.headers["location"] == "/signin"
    assert anybody.get("/leads").status_code == 303


@pytest.mark.parametrize(
    "target",
    ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "", "/signin",
     "/a\nb"],
)  # fmt: skip
def test_a_sign_in_leads_nowhere_else(target: str) -> None:
    assert own_path(target) == "/leads"


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    assert found
    return found.group(1)
