"""Signing in: sessions, their end, guessing, and where a sign-in may lead."""

import re
import sqlite3
from datetime import datetime, timedelta
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from models.audit import NOBODY, Act
from models.errors import InputError
from models.moments import now
from review_api.accounts import hash_password, new_account, verify_password
from review_api.app import create_app
from review_api.console.sign_in import own_path
from review_api.settings import ReviewSettings
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
    for _ in range(24):  # it is in use all the while
        clock.at += timedelta(minutes=19, seconds=55)
        caller.get("/api/v1/session")
    clock.at += timedelta(minutes=1)
    assert caller.get("/api/v1/session").status_code == 200
    clock.at += timedelta(minutes=2)
    assert caller.get("/api/v1/session").status_code == 401
    caller.sign_in(NAMES["linhai"])
    token = caller.cookies["jianzhen-session"]
    assert caller("DELETE", "/api/v1/session").status_code == 204
    kept = caller.get("/api/v1/session", headers={"cookie": f"jianzhen-session={token}"})
    assert kept.status_code == 401


def test_ten_bad_sign_ins_lock_a_name_and_are_written_down(world: World, portal: BlockingPortal) -> None:
    clock = Clock()
    caller = console(world, portal, clock, sign_in_wait_seconds=60)
    for _ in range(10):
        assert caller.sign_in(NAMES["linhai"], "wrong").status_code == 401
    waiting = caller.sign_in(NAMES["linhai"])
    assert waiting.status_code == 429
    assert 0 < int(waiting.headers["retry-after"]) <= 61
    acts = [each.entry for each in world.store.audit.entries("linhai")]
    assert [entry.act for entry in acts] == [Act.LOCKED_OUT] + [Act.SIGN_IN_FAILED] * 10
    assert {(entry.about, entry.address) for entry in acts} == {(NAMES["linhai"], "127.0.0.1")}
    assert caller.sign_in(NAMES["qiaonan"]).status_code == 200
    clock.at += timedelta(seconds=61)
    assert caller.sign_in(NAMES["linhai"]).status_code == 200
    assert world.store.audit.entries("linhai")[0].entry.act is Act.SIGNED_IN


def test_a_lock_holds_in_every_process_and_ends_no_session(world: World, portal: BlockingPortal) -> None:
    """Two applications on one store: the counter is the store's."""
    one, two = (console(world, portal, Clock(), sign_in_attempts=4) for _ in range(2))
    one.sign_in(NAMES["linhai"])
    for number in range(4):
        assert (one, two)[number % 2].sign_in(NAMES["linhai"], "wrong").status_code == 401
    assert two.sign_in(NAMES["linhai"]).status_code == 429
    assert one.get("/api/v1/session").status_code == 200


def test_names_that_nobody_has_lock_like_any_other(world: World, portal: BlockingPortal) -> None:
    caller = console(world, portal, Clock(), sign_in_attempts=2)
    answers = [[caller.sign_in(name, "wrong").status_code for _ in range(3)] for name in ("nobody", NAMES["linhai"])]
    assert answers == [[401, 401, 429]] * 2
    with sqlite3.connect(world.folder / "review.sqlite") as connection:
        kept = "\n".join(connection.iterdump())
    connection.close()
    assert "nobody" not in kept, "what was typed as a name may have been a password"
    assert len(world.store.audit.entries(NOBODY)) == 3


def test_a_session_left_idle_is_over(world: World, portal: BlockingPortal) -> None:
    clock = Clock()
    caller = console(world, portal, clock, idle_minutes=20)
    caller.sign_in(NAMES["linhai"])
    for _ in range(3):
        clock.at += timedelta(minutes=19)
        assert caller.get("/api/v1/session").status_code == 200
    clock.at += timedelta(minutes=21)
    assert caller.get("/api/v1/session").status_code == 401


def test_a_closed_account_is_refused_at_once(world: World, portal: BlockingPortal) -> None:
    caller = console(world, portal, Clock())
    caller.sign_in(NAMES["linhai"])
    world.store.accounts.save(world.accounts["linhai"].model_copy(update={"active": False}))
    assert caller.get("/api/v1/session").status_code == 401
    assert caller.sign_in(NAMES["linhai"]).status_code == 401


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
    assert own_path(target) == "/"


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    assert found
    return found.group(1)
