"""Signing in with a provider: a real one, in a process of its own, over HTTP; the browser is played step by step."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from pydantic import SecretStr

from models.audit import NOBODY, Act
from models.errors import ConfigurationError
from models.organisations import Role
from review_api.access.oidc import Attempt
from review_api.accounts import new_account
from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api.conftest import Caller
from tests.review_api.world import World
from tests.servers import oidc_provider
from tests.servers.ports import free_ports

READY_S = 20.0
SUBJECT = "8f2c41"
pytestmark = pytest.mark.xdist_group("oidc")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_ports(1)[0]
    process = subprocess.Popen([sys.executable, str(Path(oidc_provider.__file__)), str(port)])
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + READY_S
    while True:
        try:
            httpx.get(f"{address}/jwks", trust_env=False)
            break
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "the provider did not start"
            assert process.poll() is None
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(10)


@pytest.fixture
def browser(world: World, issuer: str, portal: BlockingPortal) -> Caller:
    for subject in (SUBJECT, *oidc_provider.FAULTS):
        account = new_account(
            f"li-{subject}", "", organisation_id="linhai", roles=(Role.OFFICER,), identity=f"{issuer} {subject}"
        )
        world.store.accounts.save(account)
    return Caller(create_app(world.store, world.objects, world.port, settings(issuer)), portal)


def settings(issuer: str, **more: Any) -> ReviewSettings:
    given = {"oidc_client_id": oidc_provider.CLIENT, "public_address": "http://console.test"}
    return ReviewSettings(oidc_issuer=issuer, oidc_client_secret=SecretStr(oidc_provider.SECRET), **given | more)


def way_out(browser: Caller, path: str = "/signin/oidc?next=/registry") -> str:
    answer = browser.get(path)
    assert answer.status_code == 303
    return answer.headers["location"]


def at_the_provider(address: str, subject: str) -> str:
    """Fill in the provider's form; where it sends the browser, without the console's host."""
    assert "form" in httpx.get(address, trust_env=False).text
    answer = httpx.post(address, data={"subject": subject}, trust_env=False)
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}" == "http://console.test"
    return f"{back.path}?{back.query}"


def test_a_person_comes_back_signed_in(browser: Caller, world: World) -> None:
    assert "/signin/oidc" in browser.get("/signin").text
    out = way_out(browser)
    asked = parse_qs(urlsplit(out).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert "code_verifier" not in asked
    answer = browser.get(at_the_provider(out, SUBJECT))
    assert (answer.status_code, answer.headers["location"]) == (303, "/registry")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert browser.get("/api/v1/session").json()["name"] == f"li-{SUBJECT}"
    entry = world.store.audit.entries("linhai")[0].entry
    assert (entry.act, entry.details) == (Act.SIGNED_IN, {"way": "oidc"})


@pytest.mark.parametrize("fault", oidc_provider.FAULTS)
def test_a_token_with_a_fault_is_refused(browser: Caller, world: World, fault: str) -> None:
    answer = browser.get(at_the_provider(way_out(browser), fault))
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert browser.get("/api/v1/session").status_code == 401
    assert world.store.audit.entries(NOBODY)[0].entry.act is Act.SIGN_IN_FAILED


def test_a_code_that_somebody_else_began_is_refused(browser: Caller, world: World, issuer: str) -> None:
    """Another browser's code: neither its state nor its verifier are in this one's cookie."""
    stranger = Caller(browser._client._transport.app, browser._portal)  # type: ignore[attr-defined]
    theirs = at_the_provider(way_out(stranger), SUBJECT)
    assert browser.get(theirs).status_code == 401, "without an attempt"
    way_out(browser)
    assert browser.get(theirs).status_code == 401, "with another state"
    own_state = Attempt.read(cookie_of(browser)).state
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    assert browser.get(f"/signin/oidc/callback?code={code}&state={own_state}").status_code == 401, "other verifier"


def cookie_of(browser: Caller) -> str:
    answer = browser.get("/signin/oidc")
    value = answer.headers["set-cookie"].split("jianzhen-oidc=", 1)[1].split("; ")[0]
    return value.strip('"').replace("\\054", ",").replace('\\"', '"')


def test_a_code_is_worth_one_sign_in(browser: Caller) -> None:
    back = at_the_provider(way_out(browser), SUBJECT)
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 401


def test_whom_nobody_named_is_not_let_in(browser: Caller, world: World) -> None:
    answer = browser.get(at_the_provider(way_out(browser), "unknown-subject"))
    assert answer.status_code == 403
    entry = world.store.audit.entries(NOBODY)[0].entry
    assert entry.act is Act.SIGN_IN_FAILED
    assert entry.details["identity"].endswith(" unknown-subject")


def test_a_closed_account_is_not_let_in(browser: Caller, world: World) -> None:
    account = world.store.accounts.by_name(f"li-{SUBJECT}")
    assert account is not None
    world.store.accounts.save(account.model_copy(update={"active": False}))
    assert browser.get(at_the_provider(way_out(browser), SUBJECT)).status_code == 403


def test_an_account_of_the_provider_has_no_password(browser: Caller) -> None:
    assert browser.sign_in(f"li-{SUBJECT}", "").status_code == 422
    assert browser.sign_in(f"li-{SUBJECT}", "any password").status_code == 401


def test_nobody_is_sent_elsewhere_afterwards(browser: Caller) -> None:
    back = at_the_provider(way_out(browser, "/signin/oidc?next=https://elsewhere.example"), SUBJECT)
    assert browser.get(back).headers["location"] == "/"


def test_a_provider_that_is_away_is_said_so(world: World, portal: BlockingPortal) -> None:
    nowhere = f"http://127.0.0.1:{free_ports(1)[0]}"
    caller = Caller(create_app(world.store, world.objects, world.port, settings(nowhere)), portal)
    assert caller.get("/signin/oidc").status_code == 503
    assert caller.get("/signin").status_code == 200


def test_without_a_provider_there_is_no_such_door(anybody: Caller) -> None:
    assert anybody.get("/signin/oidc").status_code == 404
    assert "/signin/oidc" not in anybody.get("/signin").text


def test_a_provider_named_by_halves_stops_the_start(world: World) -> None:
    with pytest.raises(ConfigurationError):
        create_app(world.store, world.objects, world.port, settings("http://127.0.0.1:1", public_address=""))
