"""The console served over HTTP with everybody in it, and every page of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from tests.review_api import world as worlds
from tests.review_api.access.tenants import Tenants
from tests.review_api.console.stops import Stop, fullest, peopled, walk
from tests.review_api.serving import served


@dataclass(frozen=True)
class Console:
    """The application, who is in it, where it answers, and its pages."""

    app: FastAPI
    tenants: Tenants
    address: str
    stops: list[Stop]
    files: set[str]

    @property
    def fullest(self) -> list[Stop]:
        return fullest(self.stops)


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory, portal: BlockingPortal) -> Iterator[Console]:
    world = worlds.build(tmp_path_factory.mktemp("console"))
    tenants, app = peopled(world)
    with served(app) as address:
        yield Console(app, tenants, address, *walk(app, tenants, portal))
    world.store.close()
