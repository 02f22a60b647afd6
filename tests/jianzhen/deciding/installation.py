"""An installation for drives: a prepared store with officers and leads, and its API as a process that can be killed."""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from models.access import Account
from models.identity import LOCAL
from models.moments import now
from models.organisations import Role
from models.storage import SqlStore, StoreSettings, migrate, open_store
from review_api.sessions import CSRF_HEADER, cookie_name
from review_api.settings import ReviewSettings
from review_api.tokens import csrf_token, token_hash
from tests.jianzhen.command_line import environment
from tests.models.storage.samples import suspicious
from tests.servers.ports import free_ports

PATIENCE_S = 60.0


class Nursery:
    """Where API processes come from; one serves many installations."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.jianzhen.deciding.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )

    def bear(self, **order: object) -> int:
        """The id of a new API process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        return int(self._process.stdout.readline() if answer.startswith("ready") else answer)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@dataclass
class Installation:
    """A folder, a store's address, and the API on a port. Without a nursery, an API process is started as an
    installation starts it, which takes longer."""

    folder: Path
    store_url: str = ""
    nursery: Nursery | None = None
    kind: str = "right"
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_ports(1)[0])
    pid: int = 0

    @property
    def settings(self) -> StoreSettings:
        return StoreSettings(url=self.store_url or f"sqlite:///{self.folder}/.jianzhen/jianzhen.sqlite")

    def prepare(self, leads: int) -> list[str]:
        """Tables, and so many leads; their ids."""
        migrate(self.settings)
        found = [suspicious(number) for number in range(leads)]
        with closing(open_store(self.settings)) as store:
            for start in range(0, leads, 500):
                store.screenings.record(found[start : start + 500])
        return [each.subject.key.token for each in found]

    def officer(self, name: str) -> dict[str, str]:
        """The headers of an officer who signed in a while ago."""
        token, at = secrets.token_urlsafe(32), now() - timedelta(minutes=5)
        account = Account(
            organisation_id=LOCAL, account_id=name, name=name, password_hash="none", roles=(Role.OFFICER,)
        )
        with closing(open_store(self.settings)) as store:
            store.accounts.save(account)
            store.accounts.open_session(token_hash(token), name, at=at, expires_at=at + timedelta(hours=8))
        return {"Cookie": f"{cookie_name(ReviewSettings())}={token}", CSRF_HEADER: csrf_token(token)}

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        with closing(open_store(self.settings)) as store:
            yield store

    def start(self) -> None:
        """Start the API and wait until it answers."""
        arguments = ["api", "--port", str(self.port)]
        if self.nursery is not None:
            self.pid = self.bear(*arguments)
        else:
            command = [sys.executable, "-m", "jianzhen", *arguments]
            with (self.folder / "api.log").open("ab") as log:
                self._process = subprocess.Popen(command, cwd=self.folder, env=self.variables, stdout=log, stderr=log)
            self.pid = self._process.pid
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def bear(self, *arguments: str) -> int:
        """Start another process of it; its id."""
        assert self.nursery is not None
        order = {"folder": str(self.folder), "environment": self.variables, "kind": self.kind}
        return self.nursery.bear(arguments=arguments, **order)

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its processes."""
        return environment(
            JIANZHEN_STORE__URL=self.settings.url, JIANZHEN_LOG__LEVEL="warning",
            **self.more,
        )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if not self.pid:
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if self.nursery is None:
            self._process.wait()
        while self._answers() or Path(f"/proc/{self.pid}").exists():
            time.sleep(0.005)
        self.pid = 0

    @property
    def log(self) -> str:
        path = self.folder / "api.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _answers(self) -> bool:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False
