"""The safe fetcher: one GET, with every limit that a stranger's server could test.

Owns redirects, size, decoding of the body and the wording of faults. Which addresses may be reached is
`streams.fetch.addresses`; connecting in time to what was judged is `streams.fetch.pinned`. It keeps no cookies, takes
no proxy from the environment and sends no credentials or referrer. What the bytes mean is the caller's to judge.
"""

import ssl
import zlib
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpcore
import httpx

from models.errors import ConfigurationError, FetchError, FetchRefused
from streams.fetch.addresses import Resolver, check_url, resolve, shortened
from streams.fetch.patience import Patience
from streams.fetch.pinned import PinnedBackend, deadline
from streams.fetch.settings import FetchSettings

REDIRECTS = frozenset({301, 302, 303, 307, 308})
ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


@dataclass(frozen=True)
class Fetched:
    """What came back. `url` is the last address after `redirects` (the addresses gone through, the asked one first);
    `peer` is the network address that answered; header names are lower case; `body` is decoded."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    peer: str
    redirects: tuple[str, ...] = ()

    @property
    def media_type(self) -> str:
        """The declared type without parameters, lower case; a claim, not a fact."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class SafeFetcher:
    """Fetches single addresses. Threads may share one; close it, or use it in a `with` block."""

    def __init__(self, settings: FetchSettings, *, resolver: Resolver = resolve) -> None:
        self._settings = settings
        self._patience = Patience(tries=settings.silent_tries, pause_s=settings.silent_pause_s)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(settings),
            max_connections=32,
            keepalive_expiry=5.0,
            network_backend=PinnedBackend(allow_private=settings.allow_private, resolver=resolver),
        )

    def get(self, url: str) -> Fetched:
        """Fetch `url`. Raises `FetchRefused` where our rules forbid it (scheme, address, size, redirects), `FetchError`
        when it does not come: unknown name, no connection, a status other than 200, a broken or late answer."""
        where = shortened(url)
        try:
            with deadline(self._settings.deadline_s):
                return self._follow(url)
        except FetchError as fault:
            raise type(fault)(fault.what, where=fault.where or where, mend=fault.mend) from None
        except httpcore.ConnectTimeout:
            raise FetchError("no connection could be opened in time", where=where, mend="try again later") from None
        except httpcore.TimeoutException:
            limit = self._settings.deadline_s
            raise FetchError(f"it took longer than {limit:g} s", where=where, mend="try again later") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as fault:
            raise FetchError(f"the connection failed: {fault}", where=where) from None

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _follow(self, url: str) -> Fetched:
        visited: list[str] = []
        while True:
            if url in visited:
                raise FetchRefused("the redirects go in a circle")
            if len(visited) > self._settings.max_redirects:
                raise FetchRefused(f"more than {self._settings.max_redirects} redirects")
            try:
                answer = self._ask(url, tuple(visited))
            except FetchError as fault:
                where = " -> ".join(shortened(address) for address in dict.fromkeys([*visited[:1], url]))
                raise type(fault)(fault.what, where=where, mend=fault.mend) from None
            if isinstance(answer, Fetched):
                return answer
            visited.append(url)
            url = answer

    def _ask(self, url: str, redirects: tuple[str, ...]) -> Fetched | str:
        """One request: the answer, or the absolute address that it redirects to."""
        host = check_url(url).host
        self._patience.check(host)
        try:
            answer = self._exchange(url, redirects)
        except (httpcore.TimeoutException, httpcore.ConnectError):
            self._patience.silent(host)
            raise
        except FetchError:  # it said something that we do not take
            self._patience.answered(host)
            raise
        self._patience.answered(host)
        return answer

    def _exchange(self, url: str, redirects: tuple[str, ...]) -> Fetched | str:
        request = self._request(url)
        address = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        limit = self._settings.deadline_s
        timeouts = {"connect": self._settings.connect_timeout_s, "read": limit, "write": limit, "pool": limit}
        with self._pool.stream(
            b"GET", address, headers=request.headers.raw, extensions={"timeout": timeouts}
        ) as response:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in REDIRECTS and "location" in headers:
                return _joined(request.url, headers["location"])
            if response.status != 200:
                raise FetchError(f"the server answered {response.status}")
            body = self._body(response, headers)
            peer = response.extensions["network_stream"].get_extra_info("server_addr")[0]
            return Fetched(url, response.status, headers, body, str(peer), redirects)

    def _request(self, url: str) -> httpx.Request:
        headers = {
            "User-Agent": self._settings.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
        }
        try:
            return httpx.Request("GET", url, headers=headers)
        except (httpx.InvalidURL, UnicodeError) as fault:
            raise FetchRefused(f"not a valid address: {fault}") from None

    def _body(self, response: httpcore.Response, headers: dict[str, str]) -> bytes:
        """The decoded body. At no time are more than `max_bytes` and one chunk held, however well it was packed."""
        limit = self._settings.max_bytes
        too_large = FetchRefused(f"the body is larger than {limit} bytes")
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise too_large
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding not in ENCODINGS:
            raise FetchRefused(f"the body is encoded as {shortened(encoding, 40)!r}, which was not asked for")
        unpack = None if encoding in ("", "identity") else zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        body, received = bytearray(), 0
        try:
            for chunk in response.iter_stream():
                received += len(chunk)
                body += unpack.decompress(chunk, limit - len(body) + 1) if unpack else chunk
                if max(received, len(body)) > limit:
                    raise too_large
        except zlib.error as fault:
            raise FetchError(f"the compressed body is damaged: {fault}") from None
        if unpack and not unpack.eof:
            raise FetchError("the compressed body ends early")
        return bytes(body)


def _joined(base: httpx.URL, location: str) -> str:
    try:
        return str(base.join(location.strip()))
    except (httpx.InvalidURL, UnicodeError, ValueError) as fault:
        raise FetchRefused(f"it redirects to something that is not an address: {fault}") from None


def _trust(settings: FetchSettings) -> ssl.SSLContext:
    if not settings.ca_file:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=str(settings.ca_file))
    except OSError as fault:
        raise ConfigurationError(
            f"the file of certificate authorities cannot be read: {fault}",
            where="fetch.ca_file",
            mend="name a PEM file",
        ) from None
