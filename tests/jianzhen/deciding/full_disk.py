"""What happens while a disk is full, run on a small one of its own (`tests.servers.small_disk`): an officer, the API
and a worker while not one byte fits, and afterwards.

Prints what was seen as a line of JSON, for the test to judge. With `postgresql` the server's folder is on it too.
"""

import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from models.identity import LOCAL
from models.leads import Disposition
from models.moments import now
from streams.bus import Bus, open_bus
from streams.bus.topics import LISTINGS
from streams.settings import BusSettings
from tests.jianzhen.deciding.installation import Installation, Nursery
from tests.jianzhen.deciding.judging import judge
from tests.jianzhen.deciding.officers import ACCEPTED, DISMISSED, Deed, Journal, request_of
from tests.models.storage.samples import REGISTRY
from tests.servers.postgres import PostgresServer, find_programs
from tests.servers.small_disk import Ballast
from tests.streams.screening.workbench import listings

OFFICER = "li"
WAITING = 120
PATIENCE_S = 60.0
KINDS = ((DISMISSED, 1), (DISMISSED, 10), (ACCEPTED, 5))


@dataclass
class Desk:
    """An officer's programs and browser, and what they were answered."""

    installation: Installation
    headers: dict[str, str]
    leads: list[str]
    journal: Journal = field(default_factory=Journal)
    refused: list[tuple[Deed, str]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> dict[str, Any]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=60)) as connection:
            connection.request(method, path, body, {**self.headers, **headers})
            response = connection.getresponse()
            text = response.read().decode()
        kind = (response.headers.get("Content-Type") or "").partition(";")[0]
        seen = {"path": path, "status": response.status, "kind": kind, "text": text}
        return seen | {name: response.headers.get(name) for name in ("Retry-After", "Location")}

    def do(self, disposition: Disposition, count: int) -> dict[str, Any]:
        leads = tuple(self.leads.pop() for _ in range(count))
        return self.send(Deed(leads, 0, disposition, f"words {secrets.token_hex(8)}", OFFICER), secrets.token_hex(8))

    def send(self, deed: Deed, key: str) -> dict[str, Any]:
        self.journal.sent.add(deed.words)
        path, body, headers = request_of(deed, key)
        answer = self.ask("POST", path, json.dumps(body), **headers, **{"Content-Type": "application/json"})
        if answer["status"] in (200, 201):
            made = (answer["Location"] or "").rpartition("/")[2]
            self.journal.answered.append((deed, made or deed.leads[0]))
        else:
            self.refused.append((deed, key))
        return answer

    def export(self, case: str) -> dict[str, Any]:
        body = json.dumps({"kind": "csv", "receiver": "市局"})
        return self.ask("POST", f"{case}/exports", body, **{"Content-Type": "application/json"})

    def press(self, language: str) -> dict[str, Any]:
        """Dismiss in the browser."""
        form = urlencode({"disposition": "dismissed", "revision": 0, "reason_code": "other", "reason": "x"})
        path = f"/leads/{self.leads[0]}/decision?lang={language}"
        return self.ask("POST", path, form, **{"Content-Type": "application/x-www-form-urlencoded"})

    def read(self) -> list[dict[str, Any]]:
        paths = ["/api/v1/leads", f"/api/v1/leads/{self.leads[0]}", "/leads", f"/leads/{self.leads[0]}", "/case-leads"]
        return [self.ask("GET", path) for path in paths]


def serve(disk: Path, engine: str) -> PostgresServer | None:
    programs = find_programs() if engine == "postgresql" else None
    if programs is None:
        return None
    (disk / "server").mkdir()
    server = PostgresServer(programs, disk / "server")
    server.initialise()
    server.start()
    return server


def main(outside: Path, disk: Path, engine: str, kind: str) -> dict[str, Any]:
    server = serve(disk, engine)
    url = server.create_database() if server else f"sqlite:///{disk}/jianzhen.sqlite"
    nursery = Nursery()
    more = {"JIANZHEN_DATA_DIR": str(disk / "data"), "JIANZHEN_WORKER__RETRY_LONGEST_S": "0.5"}
    installation = Installation(outside, url, nursery, kind, more)
    (disk / "data").mkdir()
    try:
        return scene(installation, disk, server)
    finally:
        installation.kill()
        nursery.close()
        if server:
            server.stop(signal.SIGQUIT)


def scene(installation: Installation, disk: Path, server: PostgresServer | None) -> dict[str, Any]:
    desk = Desk(installation, {}, installation.prepare(250))
    desk.headers = installation.officer(OFFICER)
    with installation.store() as store:
        store.registry.commit(LOCAL, REGISTRY, at=now())
    bus = open_bus(BusSettings(url=f"sqlite:///{disk}/data/bus.sqlite"))
    bus.ensure([LISTINGS])
    installation.start()
    worker = installation.bear("worker")
    until(lambda: "working" in worker_log(installation))
    before = [desk.do(*each) for each in KINDS]
    case = str(before[-1]["Location"])
    ballast = Ballast(disk)
    feed(worker, bus)
    ballast.fill()
    os.kill(worker, signal.SIGCONT)
    seen: dict[str, Any] = {"before": [each["status"] for each in before]}
    seen["writing"] = write_until_refused(desk)
    seen["exporting"] = desk.export(case)
    seen["reading"] = desk.read() if server is None or alive(server) else []
    seen["pressed"] = {language: desk.press(language) for language in ("zh", "en")}
    installation.kill()
    installation.start()
    seen["after_restart"] = desk.do(DISMISSED, 1)
    seen["worker_waited"] = waits(installation, worker)
    if server is not None:
        seen["fell"] = push_over(server)
        seen["without_server"] = desk.do(DISMISSED, 1)
    ballast.drop()
    if server is not None and not alive(server):
        server.kill()
        server.start()
    again, desk.refused = desk.refused, []
    seen["again"] = [desk.send(deed, key) for deed, key in again]
    seen["exported"] = desk.export(case)["status"]
    seen["worker_drained"] = drained(bus, worker)
    bus.close()
    installation.kill()
    return seen | afterwards(installation, desk, disk, server)


def push_over(server: PostgresServer) -> bool:
    """Have the server need room for its log, without which it gives up; whether it did."""
    for _ in range(10):
        try:
            server.execute("SELECT pg_logical_emit_message(false, 'a', 'b')")
            server.execute("SELECT pg_switch_wal()")
        except psycopg.OperationalError:
            return True
    return False


def write_until_refused(desk: Desk, times: int = 4) -> list[dict[str, Any]]:
    """Act after act, each kind in turn, until each was refused so often."""
    answers: list[dict[str, Any]] = []
    refused = dict.fromkeys(KINDS, 0)
    deadline = time.monotonic() + 60
    while min(refused.values()) < times and time.monotonic() < deadline and len(desk.leads) > 40:
        for each in KINDS:
            answers.append(desk.do(*each))
            refused[each] += answers[-1]["status"] == 503
    return answers


def feed(worker: int, bus: Bus) -> None:
    """Give it work that it cannot begin yet."""
    os.kill(worker, signal.SIGSTOP)
    bus.publish(LISTINGS, listings(WAITING))


def waits(installation: Installation, worker: int) -> bool:
    """Whether it has tried again and again, and lives."""
    return until(lambda: worker_log(installation).count("retrying") > 2) and lives(worker)


def worker_log(installation: Installation) -> str:
    path = installation.folder / "worker.log"
    return path.read_text("utf-8", "replace") if path.exists() else ""


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def drained(bus: Bus, worker: int) -> bool:
    """Whether it handles everything in the end, and leaves in peace."""
    done = until(lambda: bus.backlog(LISTINGS, group="screening") == 0)
    os.kill(worker, signal.SIGTERM)
    return done and until(lambda: not lives(worker))


def alive(server: PostgresServer) -> bool:
    try:
        psycopg.connect(server.url(), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def afterwards(installation: Installation, desk: Desk, disk: Path, server: PostgresServer | None) -> dict[str, Any]:
    """What the judge finds, and whether files and databases are whole."""
    with installation.store() as store:
        outcomes = {outcome.value: count for outcome, count in store.screenings.outcomes(LOCAL).items()}
    whole = {"bus": check(disk / "data" / "bus.sqlite")}
    if server is None:
        whole["store"] = check(disk / "jianzhen.sqlite")
    else:
        dump = [str((find_programs() or Path()) / "pg_dump"), "-f", "/dev/null", installation.store_url]
        whole["store"] = "ok" if subprocess.run(dump, check=False).returncode == 0 else "pg_dump fails"
    logs = installation.log + worker_log(installation)
    return {
        "finding": asdict(judge(installation, desk.journal)),
        "outcomes": outcomes,
        "whole": whole,
        "objects": stray(disk / "data" / "objects"),
        "tracebacks": logs.count("Traceback"),
        "free": shutil.disk_usage(disk).free,
        "log": logs[-3000:],
    }


def check(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def stray(folder: Path) -> list[str]:
    """Files that are not what their names say."""
    files: Sequence[Path] = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if hashlib.sha256(path.read_bytes()).hexdigest() != path.name]


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[2]), Path(sys.argv[1]), *sys.argv[3:])))  # noqa: T201
