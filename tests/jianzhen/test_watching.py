"""The status page of real processes tells the truth, for a worker and for the console, while things are taken away."""

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from jianzhen.watching import Progress
from models.errors import TransientFault
from models.moments import now
from models.registry import Mark, Registry
from models.storage import StoreSettings, migrate, open_store
from models.subjects import Listing
from streams.bus import Place, open_bus
from streams.bus.topics import LISTINGS
from streams.measures import Measures
from streams.settings import BusSettings
from tests.jianzhen.command_line import Inside, environment, listing
from tests.servers.ports import free_ports


def asked(address: str) -> tuple[int, Any]:
    """Status and answer, whatever the status."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310  loopback
            code, body = answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        code, body = refused.code, refused.read()
    return code, json.loads(body) if body.startswith(b"{") else body.decode()


def until(holds: Any, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A folder with a migrated store and a registry."""
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/.jianzhen/jianzhen.sqlite")
    migrate(settings)
    mark = Mark(mark_id="M1", text="白鹭泉", holder="白鹭泉饮品有限公司", nice_classes=(32,))
    with closing(open_store(settings)) as store:
        store.registry.commit("local", Registry(marks=(mark,)), at=now())
    return tmp_path


@contextmanager
def started(folder: Path, *arguments: str, **variables: str) -> Iterator[str]:
    """A command with its status page; the address it answers at."""
    port = free_ports(1)[0]
    more = {"JIANZHEN_HEALTH__PORT": str(port), "JIANZHEN_HEALTH__EVERY_S": "0.2", **variables}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jianzhen", *arguments], cwd=folder, env=environment(**more), stdout=log, stderr=log
        )
    try:
        assert until(lambda: asked(f"http://127.0.0.1:{port}/healthz")[0] == 200), (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, (folder / "log").read_text("utf-8", "replace")


def publish(folder: Path, count: int) -> None:
    with closing(open_bus(BusSettings(url=f"sqlite:///{folder}/.jianzhen/bus.sqlite"))) as bus:
        titles = ["白·鹭·泉 矿泉水500ml*24瓶", "纯棉毛巾三条装"]
        bus.publish(LISTINGS, [Listing(listing_id=str(n), platform="集市", title=titles[n % 2]) for n in range(count)])


def checks(answer: Any) -> dict[str, Any]:
    return {each["name"]: each for each in answer["checks"]}


def at_revision(folder: Path, revision: str) -> str:
    """Have the store stand at another revision, as while an upgrade is half done; returns the one before."""
    with closing(sqlite3.connect(folder / ".jianzhen" / "jianzhen.sqlite")) as connection:
        before: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()
    return before


def test_a_worker_tells_contexts_lag_progress_and_metrics(prepared: Path) -> None:
    with started(prepared, "worker") as address:
        publish(prepared, 40)
        assert until(lambda: 'outcome="lead"' in asked(f"{address}/metrics")[1])
        assert until(lambda: "jianzhen_batches_total 0" not in asked(f"{address}/metrics")[1])
        assert until(lambda: not any(checks(asked(f"{address}/readyz")[1])["bus"]["facts"].values()))
        code, answer = asked(f"{address}/readyz")
        seen = checks(answer)
        assert (code, answer["ready"]) == (200, True)
        assert set(seen) == {"loop", "store", "objects", "bus", "contexts", "outbox", "progress"}
        assert len(seen["contexts"]["facts"]["local.registry"]) > 8
        assert seen["loop"]["facts"]["since_batch_s"] >= 0
        metrics = asked(f"{address}/metrics")[1]
        assert 'jianzhen_received_total{topic="jianzhen.listings"} 40.0' in metrics
        assert 'jianzhen_lag_messages{partition="0",topic="jianzhen.listings"} 0.0' in metrics
        assert "jianzhen_context_info{" in metrics
        revision = at_revision(prepared, "20200101_0000")
        assert until(lambda: asked(f"{address}/readyz")[0] == 503)
        assert not checks(asked(f"{address}/readyz")[1])["store"]["ok"]
        assert asked(f"{address}/healthz")[0] == 200
        at_revision(prepared, revision)
        assert until(lambda: asked(f"{address}/readyz")[0] == 200)


def test_the_console_tells_reasons_and_times_its_answers(prepared: Path) -> None:
    port = free_ports(1)[0]
    with started(prepared, "api", "--port", str(port)) as address:
        console = f"http://127.0.0.1:{port}"
        assert until(lambda: asked(f"{console}/readyz")[0] == 200)
        assert set(checks(asked(f"{console}/readyz")[1])) == {"store", "objects", "bus", "contexts", "outbox"}
        assert until(lambda: 'route="/readyz",status="200"' in asked(f"{address}/metrics")[1])
        shutil.rmtree(prepared / ".jianzhen" / "objects")
        (prepared / ".jianzhen" / "objects").write_text("a file where a folder was")
        assert until(lambda: asked(f"{console}/readyz")[0] == 503)
        problem = asked(f"{console}/readyz")[1]
        assert problem["code"] == "not-ready"
        assert [each["where"] for each in problem["errors"]] == ["objects"]
        assert str(prepared) not in json.dumps(problem)


class Moving:
    """A bus that says whatever a test puts there."""

    def __init__(self) -> None:
        self.places_now: dict[int, Place] = {}
        self.away = False

    def places(self, topic: object, *, group: str) -> dict[int, Place]:
        if self.away:
            raise TransientFault("Kafka does not answer: NodeNotReadyError: broker-7.inner", where="broker-7.inner")
        return self.places_now


def test_a_partition_that_stands_still_is_told_and_one_that_moves_is_not() -> None:
    time_now, bus, measures = [0.0], Moving(), Measures()
    progress = Progress(
        lambda: bus,  # type: ignore[arg-type,return-value]
        (LISTINGS,),
        "screening",
        measures,
        every_s=1.0,
        stall_after_s=60.0,
        clock=lambda: time_now[0],
    )
    for step in range(8):
        time_now[0] = step * 10.0
        bus.places_now = {0: Place(step, 100), 1: Place(5, 50), 2: Place(9, 9)}
        progress.look()
    stalled = progress.stalled_check()
    assert not stalled.ok
    assert "jianzhen.listings/1" in stalled.why
    assert "jianzhen.listings/0" not in stalled.why
    assert "jianzhen.listings/2" not in stalled.why
    bus.places_now[1], time_now[0] = Place(6, 50), 80.0
    assert progress.stalled_check().ok
    assert measures.value("jianzhen_lag_messages", topic="jianzhen.listings", partition="1") == 44
    bus.away, time_now[0] = True, 90.0
    seen = progress.bus_check()
    assert (seen.ok, seen.why) == (False, "Kafka does not answer")


def test_a_port_that_is_taken_is_said(jianzhen: Inside, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        monkeypatch.setenv("JIANZHEN_HEALTH__PORT", str(held.getsockname()[1]))
        ended = jianzhen("worker", "--until-idle")
    assert ended.code == 3
    assert "health.port" in ended.err


def test_debug_lines_tell_one_trace_from_capture_to_screening_and_no_words(
    jianzhen: Inside, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = "张三丰13800138000"
    told = listing("canary-1", f"白·鹭·泉 {canary}", description=f"微信 {canary}", seller={"name": canary})
    jianzhen.write("listings.jsonl", told)
    monkeypatch.setenv("JIANZHEN_LOG__LEVEL", "debug")
    fed = jianzhen("ingest", "listings", "listings.jsonl")
    worked = jianzhen("worker", "--until-idle")
    lines = [json.loads(line) for line in (fed.err + worked.err).splitlines() if line.startswith("{")]
    published = [line["trace"] for line in lines if line["event"] == "publishing"]
    screened = [line["trace"] for line in lines if line["event"] == "screened"]
    assert published == screened
    assert len(published) == 1
    assert canary not in fed.said + worked.said
    assert "13800138000" not in fed.said + worked.said
