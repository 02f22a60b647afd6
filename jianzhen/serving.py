"""Serving the review API inside this process: uvicorn in a thread, its address known before anybody is told.

Owns starting and stopping. What is served is `review_api.app`'s.
"""

import signal
import socket
from threading import Event, Thread
from time import sleep
from types import TracebackType
from typing import Self

import uvicorn

from jianzhen.engine import Engine
from models.errors import ConfigurationError
from models.health import Watchman
from review_api.app import create_app

START_PATIENCE_S = 30.0
STEP_S = 0.05


class Console:
    """The console on one address. The socket is bound before the server starts, so a busy port is said at once."""

    def __init__(self, engine: Engine, host: str, port: int, *, or_free: bool = False) -> None:
        def timed(method: str, route: str, status: int, took: float) -> None:
            engine.measures.seconds("jianzhen_http_seconds", took, method=method, route=route, status=str(status))

        app = create_app(
            engine.store,
            engine.objects,
            engine.screening,
            engine.settings.review,
            decoder=engine.decoder,
            watchman=Watchman(engine.probes(worker=False)),
            timed=timed,
        )
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        self._server = uvicorn.Server(config)
        self._socket = _bound(host, port, or_free=or_free)
        self._host = host
        self._thread = Thread(target=self._server.run, args=([self._socket],), name="console", daemon=True)

    @property
    def address(self) -> str:
        host = "127.0.0.1" if self._host in ("0.0.0.0", "::") else self._host  # noqa: S104 read, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        waited = 0.0
        while not self._server.started and self._thread.is_alive() and waited < START_PATIENCE_S:
            sleep(STEP_S)
            waited += STEP_S
        if not self._server.started:
            raise ConfigurationError("控制台未能启动 / the console did not start", where=self.address)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def wait(self, until: Event | None = None) -> None:
        """Until the server ends, `until` is set, SIGTERM arrives (the normal end of a service) or Ctrl-C is pressed,
        which raises `KeyboardInterrupt`. Called from the main thread."""
        stopped = Event()
        before = signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        try:
            while self._thread.is_alive() and not stopped.wait(STEP_S * 4):
                if until is not None and until.is_set():
                    break
        finally:
            signal.signal(signal.SIGTERM, before)


def _bound(host: str, port: int, *, or_free: bool) -> socket.socket:
    """A socket on that port; with `or_free`, on a free one when that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if or_free and port:
            return _bound(host, 0, or_free=False)
        raise ConfigurationError(
            f"无法监听 / cannot listen: {error.strerror}",
            where=f"{host}:{port}",
            mend="换一个端口 / choose another port",
        ) from None
    return listening
