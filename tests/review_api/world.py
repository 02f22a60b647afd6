"""A small world: two organisations with registries, pictures, and leads weighed by the shipped rules.

Findings are written down here as detectors would write them; scores, cells and flips come from `detectors.triage`.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from PIL import Image

from detectors.pictures.features import features, packed
from models.access import Account
from models.errors import ConfigurationError
from models.mark_checks import CheckResult, Compared, MarkCheck, day_of
from models.moments import now
from models.organisations import Organisation, Role
from models.pictures import PictureReading, ReferencePicture
from models.ports import ObjectStore, Store
from models.registry import Mark
from models.storage import ObjectSettings, StoreSettings, migrate, open_objects, open_store
from review_api.accounts import new_account
from tests.review_api import drawings
from tests.review_api.evidence import screening
from tests.review_api.registered import MARKS, OFFICIAL, REGISTRY
from tests.review_api.scene import START, subjects
from tests.review_api.weighing import WeighingPort

PASSWORD = "hu tan yin yue 8"


ORGANISATIONS = ("linhai", "qiaonan")


NAMES = {"linhai": "he.lan", "qiaonan": "shen.mo"}


@dataclass
class World:
    """Both organisations in one store."""

    store: Store
    objects: ObjectStore
    folder: Path
    port: WeighingPort = field(default_factory=WeighingPort)
    accounts: dict[str, Account] = field(default_factory=dict)
    leads: dict[str, list[str]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)


def build(folder: Path, url: str = "") -> World:
    """A migrated store, SQLite unless a server's address is given, and a folder of pictures, with everything below."""
    settings = StoreSettings(url=url or f"sqlite:///{folder / 'review.sqlite'}")
    migrate(settings)
    world = World(open_store(settings), open_objects(ObjectSettings(url=str(folder / "objects"))), folder)
    for organisation_id in ORGANISATIONS:
        world.store.organisations.save(Organisation(organisation_id=organisation_id, name=TITLES[organisation_id]))
        account = new_account(
            NAMES[organisation_id],
            PASSWORD,
            organisation_id=organisation_id,
            display_name=DISPLAY[organisation_id],
            roles=(Role.OFFICER, Role.ADMINISTRATOR),
        )
        world.store.accounts.save(account)
        world.accounts[organisation_id] = account
        world.store.registry.commit(organisation_id, REGISTRY, at=START)
        check_marks(world.store, organisation_id, MARKS)
        _keep_pictures(world, organisation_id)
        _screen(world, organisation_id)
    return world


def check_marks(store: Store, organisation_id: str, marks: Iterable[Mark]) -> None:
    """What an officer does before anything may leave: certificate and status of every mark, found to agree."""
    at = now()
    for mark in marks:
        store.mark_checks.add(
            MarkCheck(
                organisation_id=organisation_id, mark=mark, compared=(Compared.CERTIFICATE, Compared.STATUS),
                source="注册证原件", result=CheckResult.AGREES, by="world", at=at,
                valid_until=day_of(at) + timedelta(days=180),
            )
        )  # fmt: skip


DISPLAY = {"linhai": "何岚", "qiaonan": "沈墨"}


TITLES = {"linhai": "临海市网络交易监管所", "qiaonan": "桥南区网络交易监管所"}


def _screen(world: World, organisation_id: str) -> None:
    registry = world.store.registry.current(organisation_id)
    screenings = []
    for number, (subject, evidence) in enumerate(subjects(organisation_id)):
        at = START + timedelta(hours=7 * number)
        screenings.append(screening(subject, evidence, registry, at=at))
    for one in screenings:
        if not one.assessment.flagged:
            raise ConfigurationError(f"the world's subject {one.subject.key.native_id} is no lead: {one.assessment}")
    world.store.screenings.record(screenings)
    world.leads[organisation_id] = [one.subject.key.token for one in screenings]


def _keep_pictures(world: World, organisation_id: str) -> None:
    """Official pictures and what sellers show, in the object store and as readings. The second organisation has
    pictures of its own colours, so that no bytes are shared."""
    own = {} if organisation_id == ORGANISATIONS[0] else {"backdrop": "#dfe6f2"}
    references, readings = [], []
    for address, (mark_id, goods_id, draw) in OFFICIAL.items():
        reading = _read(world, address, drawings.png(draw(**own)))
        references.append(ReferencePicture(mark_id=mark_id, goods_id=goods_id, reading=reading))
        shown = address.replace("official/", f"https://img.example.cn/{organisation_id}/").replace(".png", ".jpg")
        readings.append(_read(world, shown, drawings.jpeg(drawings.resold(draw(**own)))))
    readings.append(PictureReading(address=f"https://img.example.cn/{organisation_id}/gone.jpg", failure="404"))
    world.store.registry.save_reference_pictures(organisation_id, references)
    world.port.official[organisation_id] = tuple(references)
    world.store.screenings.save_readings(organisation_id, readings)
    world.pictures[organisation_id] = readings[0].content_sha256 or ""


def _read(world: World, address: str, data: bytes) -> PictureReading:
    sha256 = world.objects.put(data)
    return PictureReading(
        address=address,
        content_sha256=sha256,
        level="full",
        features=packed(features(Image.open(io.BytesIO(data)))),
        reader_version="1",
        width=drawings.SIZE,
        height=drawings.SIZE,
        hashes={"phash-64": sha256[:16], "pdq-256": sha256},
        quality=90,
    )
