"""Archiving survives being killed at every step, and its files prove themselves; a wrong order of steps is caught."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jianzhen.archiving import Archiver
from models.errors import JianzhenError
from models.identity import LOCAL
from models.leads import Outcome
from models.storage import StoreSettings, migrate, open_objects, open_store
from models.storage.engine import open_engine, reading
from models.storage.settings import ObjectSettings
from models.storage.tables import metadata
from tests.jianzhen.archive_kills import Killer
from tests.jianzhen.archive_scene import BATCH, LATER, SUBJECTS
from tests.jianzhen.command_line import Inside
from tests.models.storage.samples import finding, listing, screening, suspicious


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> StoreSettings:
    sqlite = f"sqlite:///{tmp_path}/store.sqlite"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    migrate(StoreSettings(url=url))
    return StoreSettings(url=url)


@pytest.fixture
def objects(tmp_path: Path) -> ObjectSettings:
    return ObjectSettings(url=str(tmp_path / "objects"))


def filled(place: StoreSettings) -> Callable[[], None]:
    """Subjects that led to nothing and a few that did; what delivers all of them again."""
    quiet = [screening(each, finding(each), flagged=False) for each in map(listing, range(SUBJECTS))]
    everything = [*quiet, *(suspicious(n, minutes=1) for n in range(SUBJECTS, SUBJECTS + 5))]

    def deliver() -> None:
        with closing(open_store(place)) as store:
            store.screenings.record(everything)

    deliver()
    return deliver


@pytest.fixture
def killer(place: StoreSettings, objects: ObjectSettings) -> Iterator[Killer]:
    killing = Killer(place, objects)
    yield killing
    killing.close()


def test_killed_at_every_step_it_loses_and_doubles_nothing(
    place: StoreSettings, objects: ObjectSettings, killer: Killer
) -> None:
    deliver = filled(place)
    before = contents(place)
    for dies in ("written", "midway", "moved"):
        for after in (1, 2):
            assert killer(dies, after)
            deliver()
            with closing(open_store(place)) as store:
                counts = store.archive.counts(LOCAL)
                assert counts["hot"] + counts["archived"] == SUBJECTS + 5
                assert store.screenings.outcomes(LOCAL)[Outcome.NO_MATCH] == SUBJECTS
                assert Archiver(store, open_objects(objects), LOCAL).verify()[2] == []
    assert not killer("never")
    with closing(open_store(place)) as store:
        archiver = Archiver(store, open_objects(objects), LOCAL)
        assert store.archive.counts(LOCAL) == {"hot": 5, "archived": SUBJECTS, "returned": 0, "held": 0}
        assert archiver.verify()[1:] == (SUBJECTS, [])
        for number in range(SUBJECTS):
            assert archiver.restore("taobao", f"item-{number}") == 1
    assert contents(place) == before


def test_taking_out_before_writing_is_caught(place: StoreSettings, objects: ObjectSettings, killer: Killer) -> None:
    """Negative control: the entry first, the file afterwards, and the process dies in between."""
    filled(place)
    assert killer("careless")
    with closing(open_store(place)) as store:
        assert len(Archiver(store, open_objects(objects), LOCAL).verify()[2]) == 1


def contents(place: StoreSettings) -> dict[str, list[tuple[Any, ...]]]:
    engine = open_engine(place)
    with reading(engine) as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_a_damaged_file_restores_nothing(tmp_path: Path, objects: ObjectSettings) -> None:
    place = StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite")
    migrate(place)
    filled(place)
    with closing(open_store(place)) as store:
        archiver = Archiver(store, open_objects(objects), LOCAL)
        assert archiver.run(before=LATER, batch=SUBJECTS) == SUBJECTS
        (file,) = [each for each in (tmp_path / "objects").rglob("*") if each.is_file()]
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        before = contents(place)
        with pytest.raises(JianzhenError):
            archiver.restore("taobao", "item-1")
        assert len(archiver.verify()[2]) == 1
        assert contents(place) == before


def test_it_keeps_to_its_pace_and_stops_when_told(tmp_path: Path, objects: ObjectSettings) -> None:
    place = StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite")
    migrate(place)
    filled(place)
    with closing(open_store(place)) as store:
        archiver = Archiver(store, open_objects(objects), LOCAL)
        moved = archiver.run(before=LATER, batch=BATCH, per_second=0.01, told=lambda _: archiver.stop())
        assert moved == BATCH, "the pause between portions ends when it is told to stop"
        assert Archiver(store, open_objects(objects), LOCAL).run(before=LATER) == SUBJECTS - BATCH


def test_the_commands(jianzhen: Inside) -> None:
    assert jianzhen("prepare").code == 0
    with closing(open_store(StoreSettings(url=f"sqlite:///{jianzhen.folder}/.jianzhen/jianzhen.sqlite"))) as store:
        store.screenings.record([screening(listing(number)) for number in (1, 2, 3)])
    assert jianzhen("archive", "hold", "taobao", "item-1", "--reason", "行政复议").code == 0
    assert "archived: 0" in jianzhen("archive", "run").err, "a year has not passed"
    assert "archived: 2" in jianzhen("archive", "run", "--days", "1").err
    assert "行政复议" in jianzhen("archive", "status").out
    shown = jianzhen("archive", "show", "taobao", "item-2")
    assert json.loads(shown.out)["subject"]["native_id"] == "item-2"
    assert "sound: 1" in jianzhen("archive", "verify").err
    assert jianzhen("archive", "restore", "taobao", "item-2").code == 0
    assert jianzhen("archive", "restore", "taobao", "item-2").code != 0
    assert jianzhen("archive", "release", "taobao", "item-1").code == 0
    assert "archived: 2" in jianzhen("archive", "run", "--days", "1").err
    assert jianzhen("archive", "run", "--kind", "shop").code == 2
    for file in (jianzhen.folder / ".jianzhen" / "objects").rglob("*"):
        if file.is_file():
            file.write_bytes(b"no archive")
    assert jianzhen("archive", "verify").code == 1
