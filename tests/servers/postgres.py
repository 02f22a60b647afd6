"""A real PostgreSQL for tests: one server a test process, on loopback, in a folder of its own; ended with the session.

`postgres_server` is the server, `postgres_url` the address of a fresh, empty database in it.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import psycopg
import pytest

from tests.servers.ports import free_ports
from tests.servers.require import missing

READY_S = 30.0
PASSWORD = "loopback-only"


class PostgresServer:
    """A running server. It is this process's direct child, so that it can be killed and started again. Only a `durable`
    one waits for its disk: power loss is not what tests are about, and a killed server loses nothing by it."""

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self._programs, self._durable = programs, durable
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """The address of a database of that name."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """A new, empty database; returns its address."""
        name = f"test_{secrets.token_hex(8)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database though somebody may be connected: some hundred of them fill a disk."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run one statement of a superuser."""
        self._administrator.execute(statement)

    def initialise(self) -> None:
        """Make the data folder."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        self._give_away()
        command = [*_as_postgres(), str(self._programs / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres"]
        command += ["-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(command, cwd=self.folder, env=_environment(), capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.decode(errors='replace')}")

    def start(self) -> None:
        """Start and wait until it answers. Another process may have taken the port: then try the next. A server that is
        started again keeps its port; what a killed one leaves behind may hold it off for a moment."""
        again = self.port != 0
        for _ in range(20 if again else 3):
            self.port = self.port or free_ports(1)[0]
            settings = {
                "listen_addresses": "127.0.0.1",
                "unix_socket_directories": str(self.folder),
                "fsync": "on" if self._durable else "off",
                "max_connections": "60",
            }
            command = [*_as_postgres(), str(self._programs / "postgres"), "-D", str(self.folder / "data")]
            command += ["-p", str(self.port), *(word for pair in settings.items() for word in ("-c", "=".join(pair)))]
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(command, cwd=self.folder, env=_environment(), stdout=log, stderr=log)
            if self._wait_until_ready():
                return
            self.stop(signal.SIGKILL)
            if again:
                time.sleep(0.5)
            else:
                self.port = 0
        raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text(errors='replace')[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT closes connections and ends in good order, SIGKILL does not."""
        if self._process is None:
            return
        administrator = self.__dict__.pop("_administrator", None)
        if administrator is not None:
            administrator.close()
        self._process.send_signal(how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a power cut ends a process; `start` brings it back on the same port."""
        self.stop(signal.SIGKILL)

    def kill_with_children(self) -> None:
        """The same with every process of it at once: none lives on for a moment to finish what it was doing."""
        assert self._process is not None
        family = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in [str(self.pid), *family]:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        self.kill()

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    @cached_property
    def _administrator(self) -> psycopg.Connection:
        return psycopg.connect(self.url(), autocommit=True)

    def _give_away(self) -> None:
        """The server's own user must reach the folder."""
        if _as_postgres():
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, "postgres", "postgres")


def find_programs() -> Path | None:
    """The folder with initdb and postgres, the newest release first."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    for folder in [*installed, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _as_postgres() -> list[str]:
    """initdb and postgres refuse root: then the user `postgres` runs them."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}


@contextmanager
def serving(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server in a folder of its own, both gone afterwards. Needs the programs, and a user that may run them."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError("initdb and postgres were not found")
    folder = Path(tempfile.mkdtemp(prefix="jianzhen-postgres-"))
    server = PostgresServer(programs, folder, durable=durable)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)  # without writing down what is deleted next
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """This test process's server."""
    if find_programs() is None:
        missing("PostgreSQL", "initdb and postgres were not found in /usr/lib/postgresql/*/bin or PATH")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            missing("PostgreSQL", "root may not run it and there is no user named postgres")
    with serving() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database of the test's own, without tables."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)
