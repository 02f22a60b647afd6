"""A holder with a place, its agent, the unit's officer, and a second holder: callers for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from detectors.catalogue import detectors
from models.access import Account
from models.moments import now
from models.organisations import Organisation, OrganisationKind, PowerOfAttorney, Role
from models.rights import Place
from review_api.app import create_app
from review_api.settings import ReviewSettings
from streams.pictures import PictureReader
from streams.screening import ContextSource, Screener, ScreeningService
from tests.review_api.conftest import Caller
from tests.review_api.world import World

HOLDER = Organisation(organisation_id="qingchuan", kind=OrganisationKind.RIGHTS_HOLDER, name="晴川茶业有限公司")
RIVAL = Organisation(organisation_id="yunduolu", kind=OrganisationKind.RIGHTS_HOLDER, name="云朵鹿儿童用品有限公司")
AGENT = Organisation(organisation_id="zhihe", kind=OrganisationKind.AGENT, name="知禾代理")
PLACE = "linhai:qingchuan"


@pytest.fixture(scope="session")
def reader() -> Iterator[PictureReader]:
    with PictureReader() as opened:
        yield opened


@pytest.fixture(scope="session")
def screener() -> Screener:
    """The detectors that workers use: they hold nothing but tables."""
    return Screener(detectors())


@pytest.fixture
def app(world: World, reader: PictureReader, screener: Screener) -> FastAPI:
    """With the detectors that workers use, and a decoder."""
    service = ScreeningService(world.store, screener, ContextSource(world.store.registry))
    for organisation in (HOLDER, RIVAL, AGENT):
        world.store.organisations.save(organisation)
    for holder in (HOLDER, RIVAL):
        world.store.rights.give_place(
            Place(
                unit_id="linhai", unit_name="临海", holder_id=holder.organisation_id, holder_name=holder.name,
                given_by="he.lan", given_at=now(),
            )
        )  # fmt: skip
    return create_app(world.store, world.objects, service, ReviewSettings(), decoder=reader)


@dataclass
class Everybody:
    """Callers are made as they are asked for."""

    app: FastAPI
    portal: BlockingPortal
    world: World

    def of(self, organisation: Organisation, role: Role) -> Caller:
        account = Account(
            organisation_id=organisation.organisation_id, account_id=f"{role}@{organisation.organisation_id}",
            name=f"{role}@{organisation.organisation_id}", password_hash="none", roles=(role,),
        )  # fmt: skip
        self.world.store.accounts.save(account)
        caller = Caller(self.app, self.portal)
        caller.enter_as(self.world.store, account.account_id)
        return caller

    def empower(self, *mark_ids: str, days: int = 30) -> None:
        at = now() - timedelta(days=1)
        self.world.store.organisations.empower(
            PowerOfAttorney(
                holder_id=HOLDER.organisation_id, agent_id=AGENT.organisation_id, mark_ids=mark_ids, valid_from=at,
                valid_to=at + timedelta(days=days),
            )
        )  # fmt: skip


@pytest.fixture
def everybody(app: FastAPI, portal: BlockingPortal, world: World) -> Everybody:
    return Everybody(app, portal, world)


@pytest.fixture
def editor(everybody: Everybody) -> Caller:
    return everybody.of(HOLDER, Role.HOLDER_EDITOR)


@pytest.fixture
def rival(everybody: Everybody) -> Caller:
    return everybody.of(RIVAL, Role.HOLDER_EDITOR)


@pytest.fixture
def agent(everybody: Everybody) -> Caller:
    return everybody.of(AGENT, Role.AGENT)
