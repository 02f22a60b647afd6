"""The status page of a process: /healthz, /readyz and /metrics over plain HTTP, on an address of its own.

Off unless `health.port` is set. Owns serving; what is answered comes from `models.health` and `streams.measures`. It
answers whoever can reach it: keep it on an inner address.
"""

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from jianzhen.settings import HealthSettings
from models.errors import ConfigurationError
from models.health import Probe, Readiness, Watchman
from streams.measures import Measures

JSON, PROMETHEUS = "application/json", "text/plain; version=0.0.4; charset=utf-8"


class Status:
    """Serves while its `with` block lasts. `alive` are the probes of /healthz, `ready` those of /readyz."""

    def __init__(
        self, settings: HealthSettings, measures: Measures, *, alive: Sequence[Probe], ready: Sequence[Probe]
    ) -> None:
        self._settings, self._measures = settings, measures
        self._alive, self._ready = Watchman(alive), Watchman([*alive, *ready])
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        """Where it answers; empty when it is off."""
        return f"http://{self._settings.host}:{self._server.server_port}" if self._server else ""

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, kind and body for a path."""
        match path:
            case "/healthz":
                return _told(self._alive.look())
            case "/readyz":
                return _told(self._ready.look())
            case "/metrics":
                self._ready.look()
                return 200, PROMETHEUS, self._measures.text()
        return 404, JSON, b'{"error": "not found"}'

    def __enter__(self) -> Self:
        if not self._settings.port:
            return self
        place = (self._settings.host, self._settings.port)
        try:
            self._server = ThreadingHTTPServer(place, _handler(self))
        except OSError as error:
            raise ConfigurationError(
                f"无法监听 / cannot listen: {error.strerror}",
                where=f"{place[0]}:{place[1]}",
                mend="health.host, health.port",
            ) from None
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="status", daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def _told(seen: Readiness) -> tuple[int, str, bytes]:
    body = {"status": "ok" if seen.ready else "unavailable", **seen.model_dump(mode="json")}
    return 200 if seen.ready else 503, JSON, json.dumps(body, ensure_ascii=False).encode()


def _handler(status: Status) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            code, kind, body = status.answer(self.path.partition("?")[0])
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Whoever watches asks every few seconds: nothing is logged."""

    return Handler
