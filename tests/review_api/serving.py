"""The application over HTTP on loopback, served by a thread of this process, for tests in a real browser."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from models.moments import now
from models.ports import Store
from review_api.sessions import cookie_name
from review_api.settings import ReviewSettings
from review_api.tokens import token_hash

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

READY_S = 20.0


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address that the application answers at."""
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + READY_S
    while not server.started:
        assert time.monotonic() < deadline, "the console did not start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(READY_S)
        listening.close()


def enter(context: "BrowserContext", address: str, store: Store, account_id: str, *, language: str = "zh") -> None:
    """Give a browser the session of an account, without the cost of the password's hash, and its language."""
    context.clear_cookies()
    cookies = {"jianzhen-language": language}
    if account_id:
        token, at = secrets.token_urlsafe(32), now()
        store.accounts.open_session(token_hash(token), account_id, at=at, expires_at=at + timedelta(hours=4))
        cookies[cookie_name(ReviewSettings())] = token
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
