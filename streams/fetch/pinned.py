"""Pinned connections: a network backend for httpcore that connects to judged addresses within a deadline.

Owns the only two places where a fetch touches the network: opening a connection, where the name is resolved once,
judged and pinned (so a name that changes its mind gains nothing), and reading from it, where the time left of the
whole fetch bounds each wait (so a server that drips one byte at a time gains nothing either).
"""

import queue
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore

from streams.fetch.addresses import Resolver, pin, resolve

SocketOptions = Iterable[Any]

_ends_at: ContextVar[float] = ContextVar("ends_at")


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything read or connected inside the block, in this thread, is over `seconds` from now."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def time_left(at_most: float | None = None) -> float:
    """Seconds until the deadline, `at_most` if that is sooner. Raises `httpcore.ReadTimeout` when there are none."""
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return left if at_most is None else min(left, at_most)


class PinnedBackend(httpcore.NetworkBackend):
    """Opens TCP connections to judged addresses only. Raises `FetchRefused` and `FetchError` as `pin` does."""

    def __init__(self, *, allow_private: bool, resolver: Resolver = resolve) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the name's addresses that answers within the time left."""
        addresses = pin(host, port, allow_private=self._allow_private, resolver=self._resolve_in_time)
        for address in addresses[:-1]:
            try:
                return self._open(address, port, time_left(timeout) / 2, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._open(addresses[-1], port, time_left(timeout), local_address, socket_options)

    def _open(
        self, address: str, port: int, timeout: float, local_address: str | None, options: SocketOptions | None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._sockets.connect_tcp(address, port, timeout, local_address, options))

    def _resolve_in_time(self, host: str, port: int) -> Sequence[str]:
        """The system's resolver has no timeout of its own, so it is waited for no longer than the deadline."""
        answers: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolver(host, port))
            except (OSError, UnicodeError) as fault:
                answers.put(fault)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=time_left())
        except queue.Empty:
            raise httpcore.ConnectTimeout("the resolver did not answer in time") from None
        if isinstance(answer, OSError | UnicodeError):
            raise answer
        return answer


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every wait is bounded by the deadline of the fetch that uses it at the moment."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, time_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, time_left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, time_left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
