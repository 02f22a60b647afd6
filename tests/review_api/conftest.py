"""The world, once per process and copied for every test that changes it; callers that speak to the application."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from models.moments import now
from models.ports import Store
from models.storage import ObjectSettings, StoreSettings, open_objects, open_store
from review_api.app import create_app
from review_api.sessions import CSRF_HEADER, cookie_name
from review_api.settings import ReviewSettings
from review_api.tokens import csrf_token, token_hash
from tests.review_api import world as worlds
from tests.review_api.world import PASSWORD, World


class Caller:
    """A client of the application in this process, with cookies of its own and, once signed in, the form token."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://console.test")
        self._portal = portal
        self.csrf = ""
        self.bearer = ""

    def __call__(self, method: str, path: str, *, csrf: bool = True, **more: Any) -> httpx.Response:
        headers = dict(more.pop("headers", {}))
        if csrf and self.csrf and method not in {"GET", "HEAD"}:
            headers.setdefault(CSRF_HEADER, self.csrf)
        if self.bearer:
            headers.setdefault("Authorization", f"Bearer {self.bearer}")

        async def send() -> httpx.Response:
            return await self._client.request(method, path, headers=headers, **more)

        return self._portal.call(send)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self("POST", path, **more)

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        answer = self.post("/api/v1/session", json={"name": name, "password": password})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf_token"]
        return answer

    def enter(self, world: World, organisation_id: str) -> None:
        """Be the organisation's officer."""
        self.enter_as(world.store, world.accounts[organisation_id].account_id)

    def enter_as(self, store: Store, account_id: str) -> None:
        """Have a session as the store would after a sign-in, without the cost of the password's hash."""
        token, at = secrets.token_urlsafe(32), now()
        store.accounts.open_session(token_hash(token), account_id, at=at, expires_at=at + timedelta(hours=1))
        self._client.cookies.set(cookie_name(ReviewSettings()), token, domain="console.test")
        self.csrf = csrf_token(token)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies


CallerMaker = Callable[..., Caller]


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as running:
        yield running


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Built once; nobody writes to it."""
    world = worlds.build(tmp_path_factory.mktemp("pristine"))
    world.store.close()
    return world


@pytest.fixture
def world(pristine: World, tmp_path: Path) -> Iterator[World]:
    """A copy that a test may change."""
    folder = tmp_path / "world"
    shutil.copytree(pristine.folder, folder)
    store = open_store(StoreSettings(url=f"sqlite:///{folder / 'review.sqlite'}"))
    found = World(
        store=store,
        objects=open_objects(ObjectSettings(url=str(folder / "objects"))),
        folder=folder,
        accounts=pristine.accounts,
        leads=pristine.leads,
        pictures=pristine.pictures,
    )
    found.port.official = pristine.port.official
    yield found
    store.close()


@pytest.fixture
def app(world: World) -> FastAPI:
    return create_app(world.store, world.objects, world.port, ReviewSettings())


@pytest.fixture
def anybody(app: FastAPI, portal: BlockingPortal) -> Caller:
    """Nobody is signed in."""
    return Caller(app, portal)


@pytest.fixture
def officer(app: FastAPI, portal: BlockingPortal, world: World) -> Caller:
    """An officer of the first organisation."""
    caller = Caller(app, portal)
    caller.enter(world, "linhai")
    return caller


@pytest.fixture
def stranger(app: FastAPI, portal: BlockingPortal, world: World) -> Caller:
    """An officer of the second organisation."""
    caller = Caller(app, portal)
    caller.enter(world, "qiaonan")
    return caller
