"""Backups and what they are worth: made under traffic, restored to an empty place, equal; damaged ones are refused."""

import random
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jianzhen import backup as backups
from jianzhen.backup import MANIFEST, back_up, restore, verify
from jianzhen.drill import compare, drill
from jianzhen.settings import Settings, embedded_settings
from models.audit import Act, AuditEntry
from models.errors import ConflictError, FileRejected, InputError, NotInstalledError
from models.moments import now
from models.ports import LeadQuery
from models.storage import StoreSettings, open_store
from models.storage.backup import contents, gaps_in_audit
from models.storage.engine import migrating, open_engine, writing
from models.subjects import Listing
from streams.bus import open_bus
from streams.bus.topics import LISTINGS
from streams.settings import BusSettings
from tests.jianzhen.command_line import Inside
from tests.review_api.world import build
from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="module")
def sqlite_installation(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two organisations with leads, pictures, an audit trail and messages half consumed, in files."""
    return installation(tmp_path_factory.mktemp("installation"))


def installation(folder: Path, url: str = "") -> Settings:
    world = build(folder, url)
    for number in range(5):
        world.store.audit.append(
            AuditEntry(organisation_id="linhai", at=now(), actor="he.lan", act=Act.DECIDED, about=str(number))
        )
    world.store.close()
    store = StoreSettings(url=url or f"sqlite:///{folder / 'review.sqlite'}")
    settings = embedded_settings(folder, store=store, objects={"url": str(folder / "objects")})
    with closing(open_bus(settings.bus)) as bus:
        bus.publish(LISTINGS, [Listing(listing_id=str(n), platform="集市", title="山间清泉") for n in range(60)])
        with bus.subscribe(LISTINGS, group="screening", member="w") as member:
            member.ack(member.poll(limit=25, timeout_s=1))
    return settings


@pytest.fixture
def owner(postgres_server: PostgresServer) -> Iterator[str]:
    """A login that owns its databases and is no superuser, as a service should have."""
    name = f"owner_{secrets.token_hex(4)}"
    postgres_server.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'loopback-only'")
    yield name
    postgres_server.execute(f"DROP ROLE {name}")


@pytest.fixture
def databases(postgres_server: PostgresServer, owner: str) -> Iterator[tuple[str, str]]:
    """Two empty databases of the owner's."""
    made = [postgres_server.create_database() for _ in range(2)]
    for url in made:
        postgres_server.execute(f"ALTER DATABASE {url.rpartition('/')[2]} OWNER TO {owner}")
    lived, spare = (url.replace("//postgres:", f"//{owner}:") for url in made)
    yield lived, spare
    for url in made:
        postgres_server.drop_database(url)


def leads_of(settings: Settings) -> set[tuple[str, str, int, str]]:
    """Every lead with its revision and disposition."""
    with closing(open_store(settings.store)) as store:
        found = {
            (name, lead.lead_id, lead.revision, lead.disposition.value)
            for name in ("linhai", "qiaonan")
            for each in store.leads.find(name, LeadQuery()).leads
            for lead in [store.leads.get(name, each.lead_id)]
        }
    assert found
    return found


def test_a_backup_restores_to_the_same(sqlite_installation: Settings, tmp_path: Path) -> None:
    manifest = back_up(sqlite_installation, tmp_path / "backup")
    assert not manifest.damaged
    place = embedded_settings(tmp_path / "place")
    restore(place, tmp_path / "backup")
    assert contents(place.store) == contents(sqlite_installation.store)
    assert leads_of(place) == leads_of(sqlite_installation)
    assert gaps_in_audit(place.store) == {}
    with closing(open_bus(place.bus)) as bus:
        assert bus.backlog(LISTINGS, group="screening") == 35
    kept = {path.name for path in (tmp_path / "place" / "objects").rglob("*") if path.is_file()}
    assert kept == {path.name for path in Path(sqlite_installation.objects.url).rglob("*") if path.is_file()}
    assert kept


def test_a_backup_under_traffic_is_one_moment(sqlite_installation: Settings, tmp_path: Path) -> None:
    """A writer adds entries without pause; whatever moment the backup shows, numbers have no gaps and none is half."""
    ending, written = threading.Event(), [0]

    def write() -> None:
        with closing(open_store(sqlite_installation.store)) as store:
            while not ending.is_set():
                entry = AuditEntry(organisation_id="qiaonan", at=now(), actor="shen.mo", act=Act.DECIDED)
                written[0] = store.audit.append(entry)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(2):
            before = written[0]
            back_up(sqlite_installation, tmp_path / f"backup-{number}")
            place = embedded_settings(tmp_path / f"place-{number}")
            restore(place, tmp_path / f"backup-{number}")
            assert gaps_in_audit(place.store) == {}
            with closing(open_store(place.store)) as store:
                newest = store.audit.entries("qiaonan", limit=1)
            assert not before or newest[0].number >= before
    finally:
        ending.set()
        thread.join()
    assert written[0] > 10


def test_postgresql_is_dumped_and_restored_by_its_owner(databases: tuple[str, str], tmp_path: Path) -> None:
    lived, into = databases
    postgres_installation = installation(tmp_path / "lived", lived)
    found = drill(postgres_installation, tmp_path / "drill", into)
    assert found.faults == []
    assert found.changed == []
    assert found.leads > 5
    assert found.audit_entries == 5
    assert leads_of(postgres_installation) == leads_of(
        postgres_installation.model_copy(update={"store": StoreSettings(url=into)})
    )
    with closing(open_store(StoreSettings(url=into))) as store:
        bound = store.acting_for("linhai")
        assert bound.leads.find("qiaonan", LeadQuery()).leads == ()
    assert erased_audit(into) == 0
    assert contents(StoreSettings(url=into))["audit_trail"][0] == 5
    with pytest.raises(ConflictError):
        drill(postgres_installation, tmp_path / "again", into)


def erased_audit(url: str) -> int:
    """How many entries whoever works with the restored store can erase."""
    engine = open_engine(StoreSettings(url=url))
    try:
        with writing(engine) as connection:
            return connection.exec_driver_sql("DELETE FROM audit_trail").rowcount
    finally:
        engine.dispose()


def test_a_drill_prints_its_figures(sqlite_installation: Settings, tmp_path: Path) -> None:
    found = drill(sqlite_installation, tmp_path / "drill")
    assert (found.faults, found.changed) == ([], [])
    assert found.leads == len(leads_of(sqlite_installation))
    assert found.rpo_s == 0
    assert found.restore_s > 0


def test_a_drill_notices_what_is_missing() -> None:
    same, more, less = {"leads": (2, "a")}, {"leads": (3, "b")}, {"leads": (1, "c")}
    assert compare(same, same, same) == (1, [], [])
    assert compare(same, less, same) == (0, [], ["leads"])
    assert compare(same, less, more) == (0, ["leads"], [])
    assert compare(same, {}, same) == (0, [], ["leads"])


def test_numbers_missing_in_the_trail_are_found(sqlite_installation: Settings, tmp_path: Path) -> None:
    back_up(sqlite_installation, tmp_path / "backup")
    place = embedded_settings(tmp_path / "place")
    restore(place, tmp_path / "backup")
    engine = open_engine(place.store)
    with migrating(engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_trail_no_delete")
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_trail'"
        ).fetchall():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DELETE FROM audit_trail WHERE number = 3 AND organisation_id = 'linhai'")
    engine.dispose()
    assert gaps_in_audit(place.store) == {"linhai": 1}


def test_a_changed_cut_missing_or_added_file_is_refused(sqlite_installation: Settings, tmp_path: Path) -> None:
    back_up(sqlite_installation, tmp_path / "whole")
    order = random.Random(5)
    names = [each.path for each in verify(tmp_path / "whole").files]
    for number in range(12):
        folder = tmp_path / f"b{number}"
        shutil.copytree(tmp_path / "whole", folder)
        path = folder / order.choice(names)
        data = bytearray(path.read_bytes())
        match number % 4:
            case 0:
                data[order.randrange(len(data))] ^= 1
                path.write_bytes(data)
            case 1:
                path.write_bytes(data[:-1])
            case 2:
                path.unlink()
            case _:
                (folder / "objects" / "extra").write_bytes(b"x")
        with pytest.raises(FileRejected, match="missing, added or changed"):
            restore(embedded_settings(tmp_path / f"p{number}"), folder)
        assert not (tmp_path / f"p{number}").exists()
    (tmp_path / "whole" / MANIFEST).unlink()
    with pytest.raises(FileRejected, match="not whole"):
        verify(tmp_path / "whole")


def test_what_waits_in_a_spool_is_kept(sqlite_installation: Settings, tmp_path: Path) -> None:
    spool = tmp_path / "spool.sqlite"
    with closing(open_bus(BusSettings(url=f"sqlite:///{spool}", partitions=1))) as bus:
        bus.publish(LISTINGS, [Listing(listing_id="1", platform="集市", title="山间清泉")])
    on_kafka = BusSettings(url="kafka://127.0.0.1:1", spool=str(spool))
    manifest = back_up(sqlite_installation.model_copy(update={"bus": on_kafka}), tmp_path / "backup")
    assert manifest.left_out["bus"] == "Kafka"
    place = tmp_path / "place"
    restore(
        embedded_settings(place, bus={"url": on_kafka.url, "spool": str(place / "spool.sqlite")}), tmp_path / "backup"
    )
    with closing(open_bus(BusSettings(url=f"sqlite:///{place}/spool.sqlite", partitions=1))) as bus:
        assert bus.backlog(LISTINGS, group="spool") == 1


def test_damaged_objects_are_told(sqlite_installation: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    shutil.copytree(sqlite_installation.objects.url, folder)
    victim = next(path for path in folder.rglob("*") if path.is_file())
    victim.write_bytes(b"changed")
    settings = sqlite_installation.model_copy(
        update={"objects": sqlite_installation.objects.model_copy(update={"url": str(folder)})}
    )
    assert back_up(settings, tmp_path / "backup").damaged == (victim.name,)


def test_only_empty_places_and_new_folders_are_taken(sqlite_installation: Settings, tmp_path: Path) -> None:
    back_up(sqlite_installation, tmp_path / "backup")
    with pytest.raises(ConflictError, match="not empty"):
        back_up(sqlite_installation, tmp_path / "backup")
    with pytest.raises(ConflictError, match="empty place"):
        restore(sqlite_installation, tmp_path / "backup")


def test_a_backup_of_a_later_version_is_refused(
    sqlite_installation: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(sqlite_installation, tmp_path / "backup")
    monkeypatch.setattr(backups, "revisions", lambda: frozenset({"20200101_0000"}))
    with pytest.raises(FileRejected, match="later version"):
        restore(embedded_settings(tmp_path / "place"), tmp_path / "backup")


def test_without_pg_dump_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = embedded_settings(tmp_path / "x", store=StoreSettings(url=postgres_url))
    with pytest.raises(NotInstalledError, match="pg_dump"):
        back_up(settings, tmp_path / "backup")
    with pytest.raises(InputError, match="empty database"):
        drill(settings, tmp_path / "drill")


def test_the_commands_back_up_restore_and_drill(jianzhen: Inside) -> None:
    assert jianzhen("prepare").code == 0
    made = jianzhen("backup", "kept/monday")
    assert made.code == 0, made.said
    assert jianzhen("backup", "kept/monday").code == 2
    jianzhen.write("other.toml", 'data_dir = "other"\n')
    brought = jianzhen("--config", "other.toml", "restore", "kept/monday")
    assert brought.code == 0, brought.said
    assert jianzhen("--config", "other.toml", "restore", "kept/monday").code == 2
    drilled = jianzhen("drill", "drill")
    assert drilled.code == 0, drilled.said
    assert "RPO" in drilled.out
