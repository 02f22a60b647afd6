"""Sixty payloads of HTML and SVG through every text field and every upload that the pages have, and through everything
that sellers write: looked at in a real browser, nothing runs and nobody is called."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from models.pictures import PictureReading
from models.subjects import Listing, Seller
from review_api.headers import SECURITY_HEADERS
from streams.pictures import PictureReader, PictureSettings
from tests.review_api import world as worlds
from tests.review_api.access.tenants import Tenants
from tests.review_api.conftest import Caller
from tests.review_api.console.forms import Form, each_form
from tests.review_api.console.payloads import payloads
from tests.review_api.console.stops import Stop, fullest, peopled, stops
from tests.review_api.evidence import screening
from tests.review_api.registered import REGISTRY
from tests.review_api.scene import START, subjects
from tests.review_api.serving import enter, served
from tests.review_api.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATIENCE_MS = 15_000
OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.removeAttribute('name'); each.open = true; })"
KINDS = (("x.svg", "image/svg+xml"), ("x.html", "text/html"), ("x.png", "image/png"), ("x.csv", "text/csv"))
SHORT_FORM = 1  # payloads for each form; every payload is used all the same
BESIDE_A_LEAD = 6


@dataclass
class Listener:
    """Somebody who waits to be called: how often it was connected to."""

    address: str
    connections: int = 0


@contextmanager
def listener() -> Iterator[Listener]:
    waiting = socket.create_server(("127.0.0.1", 0))
    heard = Listener(f"http://127.0.0.1:{waiting.getsockname()[1]}")

    def answer() -> None:
        while True:
            try:
                connection, _ = waiting.accept()
            except OSError:
                return
            heard.connections += 1
            connection.close()

    threading.Thread(target=answer, daemon=True).start()
    try:
        yield heard
    finally:
        waiting.shutdown(socket.SHUT_RDWR)
        waiting.close()


@dataclass
class Watch:
    """A browser's page, and what ran in it or was refused to run."""

    page: "Page"
    inside: str
    ran: list[str] = field(default_factory=list)
    unguarded: list[str] = field(default_factory=list)
    looked_at: int = 0

    def __post_init__(self) -> None:
        self.page.on("dialog", lambda dialog: (self.ran.append(f"dialog on {self.page.url}"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.ran.append(f"{error} on {self.page.url}"))
        self.page.on("console", self._told)
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def look(self, path: str) -> None:
        self.page.goto(path)
        self.page.evaluate(OPEN_ALL)
        self.looked_at += 1

    def _told(self, message: Any) -> None:
        # Markup got through, and the second wall held. (A browser's own viewer of pictures is refused its style there.)
        if "Content Security Policy" in message.text and "/api/v1/pictures/" not in self.page.url:
            self.ran.append(f"{message.text[:200]} on {self.page.url}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.inside, "data:", "about:", "blob:")):
            self.ran.append(f"asked for {request.url} on {self.page.url}")

    def _answered(self, response: "Response") -> None:
        headers = response.headers
        policy = headers.get("content-security-policy", "")
        if "default-src 'self'" not in policy and "default-src 'none'" not in policy and "sandbox" not in policy:
            self.unguarded.append(f"no policy: {response.url}")
        if "unsafe" in policy or headers.get("x-content-type-options") != "nosniff":
            self.unguarded.append(f"a weak policy: {response.url}")


@contextmanager
def watch(browser: "Browser", address: str, **more: Any) -> Iterator[Watch]:
    context = browser.new_context(base_url=address, **more)
    context.set_default_timeout(PATIENCE_MS)
    yield Watch(context.new_page(), address)
    context.close()


def poison_sellers(world: World, aimed: tuple[str, ...]) -> list[str]:
    """Leads on listings whose every text is a payload, several payloads to a lead."""
    subject = next(each for each, _ in subjects("linhai") if isinstance(each, Listing))
    found = []
    for number in range(0, len(aimed), BESIDE_A_LEAD):
        texts = cycle(aimed[number : number + BESIDE_A_LEAD])
        told = {name: next(texts) for name in ("title", "brand", "category", "description", "platform", "ships_from")}
        told["platform"] = told["platform"][:120]
        more = {
            "listing_id": f"hostile-{number}", "url": "javascript:alert('ran')", "images": (next(texts), next(texts)),
            "seller": Seller(id=next(texts), name=next(texts), location=next(texts)),
        }  # fmt: skip
        found.append(screening(subject.model_copy(update=told | more), subjects("linhai")[0][1],
                               world.store.registry.current("linhai") or REGISTRY, at=START))  # fmt: skip
    world.store.screenings.record(found)
    return [each.subject.key.token for each in found]


def poison_pictures(world: World, aimed: tuple[str, ...]) -> list[str]:
    """Files that are no pictures, kept as if a page's picture had been read: their addresses."""
    shas = [world.objects.put(each.encode("utf-8", "surrogateescape")) for each in aimed]
    readings = [
        PictureReading(address=f"https://img.example.cn/{sha}", content_sha256=sha, reader_version="1", width=9,
                       height=9, hashes={}, quality=1)
        for sha in shas
    ]  # fmt: skip
    world.store.screenings.save_readings("linhai", readings)
    return [f"/api/v1/pictures/{sha}" for sha in shas]


def poison_forms(
    app: FastAPI, tenants: Tenants, seen: list[Stop], portal: BlockingPortal, aimed: tuple[str, ...], each: int
) -> int:
    """Every form of every page, sent with payloads in all its fields; how many answers were no refusal."""
    turn, kinds = cycle(aimed), cycle(KINDS)
    taken: list[int] = []
    for stop in seen:
        if stop.account is None or "sign" in stop.path:
            continue
        caller = Caller(app, portal)

        def fill(form: Form, caller: Caller = caller, account_id: str = stop.account_id) -> None:
            for _ in range(each if form.texts or form.files else 0):
                text = next(turn)
                name, kind = next(kinds)
                answer = form.send(caller, text, (name, text.encode("utf-8", "replace"), kind))
                assert answer.status_code < 500, (form, answer.text)
                taken.append(answer.status_code < 400)
                if answer.status_code in {401, 303}:
                    caller.enter_as(tenants.world.store, account_id)

        caller.enter_as(tenants.world.store, stop.account_id)
        each_form(caller, stop.path, fill)
    return sum(taken)


def put_right(tenants: Tenants) -> None:
    for account in tenants.people.values():
        tenants.world.store.accounts.save(account)


def drive(
    browser: "Browser", portal: BlockingPortal, world: World, each: int
) -> tuple[Watch, Listener, int, list[Stop]]:
    """Poison everything, then look at everything."""
    reader = PictureReader(PictureSettings(children=1))
    tenants, app = peopled(world, reader)
    with reader, listener() as heard, served(app) as address:
        aimed = payloads(heard.address)
        leads = poison_sellers(world, aimed)
        pictures = poison_pictures(world, aimed)
        seen = fullest(stops(app, tenants, portal))
        taken = poison_forms(app, tenants, seen, portal, aimed, each)
        put_right(tenants)
        with watch(browser, address) as watched:
            for stop in seen:
                enter(watched.page.context, address, world.store, stop.account_id)
                watched.look(stop.path)
            officer = tenants.people["linhai", min(role for _, role in tenants.people if role == "officer")]
            enter(watched.page.context, address, world.store, officer.account_id)
            for path in ("/leads?disposition=all", "/leads?order=newest", *(f"/leads/{lead}" for lead in leads)):
                watched.look(path)
            officer_s = Caller(app, portal)
            officer_s.enter_as(world.store, officer.account_id)
            for path in pictures:  # what is no picture is not there; what opens like one is looked at
                answer = officer_s.get(path)
                assert answer.status_code == 404 or answer.headers["content-type"] in {"image/png", "image/gif"}
                if answer.status_code == 200:
                    watched.page.goto(path, wait_until="commit")
                watched.looked_at += 1
        return watched, heard, taken, seen


@pytest.fixture
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = worlds.build(tmp_path_factory.mktemp("hostile"))
    yield world
    world.store.close()


def test_no_payload_runs_and_nobody_is_called(browser: "Browser", portal: BlockingPortal, hostile: World) -> None:
    watched, heard, taken, seen = drive(browser, portal, hostile, SHORT_FORM)
    assert watched.ran == []
    assert watched.unguarded == []
    assert heard.connections == 0
    assert taken > 15, "the forms were refused: nothing was shown"
    assert watched.looked_at > len(seen) + 60


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_every_payload_in_every_field(browser: "Browser", portal: BlockingPortal, hostile: World) -> None:
    watched, heard, taken, _ = drive(browser, portal, hostile, len(payloads("")))
    assert (watched.ran, watched.unguarded, heard.connections) == ([], [], 0)
    assert taken > 500


def test_a_page_that_lets_markup_through_is_caught(browser: "Browser", portal: BlockingPortal, hostile: World) -> None:
    """Negative control: templates that escape nothing, first before the Content-Security-Policy, then without it."""
    tenants, app = peopled(hostile)
    app.state.pages._environment.autoescape = False
    account = next(each for (unit, role), each in tenants.people.items() if (unit, role) == ("linhai", "officer"))
    with listener() as heard, served(app) as address:
        lead = poison_sellers(hostile, payloads(heard.address))[1]
        for bypass in (False, True):
            with watch(browser, address, bypass_csp=bypass) as watched:
                enter(watched.page.context, address, hostile.store, account.account_id)
                watched.page.goto(f"/leads/{lead}", wait_until="commit")
                for _ in range(100):
                    if watched.ran:
                        break
                    watched.page.wait_for_timeout(100)
                assert watched.ran, f"bypass {bypass}"
        assert heard.connections > 0


def test_there_are_sixty_payloads_and_each_is_its_own() -> None:
    found = payloads("http://127.0.0.1:9")
    assert len(set(found)) == 60
    assert sum("<svg" in each for each in found) == 30
    assert all(re.search(r"alert|127\.0\.0\.1", each) for each in found)
    assert "frame-ancestors 'none'" in SECURITY_HEADERS["Content-Security-Policy"]
