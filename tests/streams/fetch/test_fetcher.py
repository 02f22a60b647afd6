"""The safe fetcher against hostile addresses and hostile servers; a canary on loopback counts what gets through."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import httpcore
import pytest
from pytest_socket import SocketConnectBlockedError

from models.errors import ConfigurationError, FetchError, FetchRefused
from streams.fetch import FetchSettings, SafeFetcher
from streams.fetch.addresses import Resolver, pin

UNROUTED = "192.31.196.1"  # public by the table, blocked by the test run


@pytest.fixture
def inner() -> Iterator[SafeFetcher]:
    """A fetcher that may reach loopback, with limits small enough to be met."""
    settings = FetchSettings(allow_private=True, max_bytes=100_000)
    with SafeFetcher(settings) as fetcher:
        yield fetcher


def hostile_urls(port: int) -> list[str]:
    hosts = [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
        "localhost",
        "LOCALHOST", "127.0.0.1.", "①②⑦.0.0.1", "127。0。0。1", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0", "0.0.0.1", "127.255.255.254",
        "user@127.0.0.1", "example.com@127.0.0.1", "[fe80::1%25lo]", "%31%32%37.0.0.1",
    ]  # fmt: skip
    urls = [f"{scheme}://{host}:{port}/page" for host in hosts for scheme in ("http", "https")]
    others = ["ftp", "gopher", "ws", "unix", "file", "data", "jar:http", "HTTP+UNIX"]
    return (
        urls
        + [f"{scheme}://127.0.0.1:{port}/page" for scheme in others]
        + [
            f"http://127.0.0.1:{port}\\@example.com/",
            f"http://example.com#@127.0.0.1:{port}/".replace("example.com", "127.0.0.1"),
            f"http:127.0.0.1:{port}/page",
            f"//127.0.0.1:{port}/page",
            f" http://127.0.0.1:{port}/page",
            f"http://127.0.0.1:{port}/\r\nX: y",
            "data:text/plain,hello",
            "file:///etc/passwd",
        ]
    )


def test_no_hostile_address_reaches_the_canary(canary: Any) -> None:
    with SafeFetcher(FetchSettings(deadline_s=2)) as fetcher:
        for url in hostile_urls(canary.port):
            with pytest.raises(FetchError) as caught:
                fetcher.get(url)
            assert caught.value.where, url
    assert canary.connections == 0


def test_the_canary_is_reached_where_private_addresses_are_allowed(canary: Any, inner: SafeFetcher) -> None:
    fetched = inner.get(canary.url("/page"))
    assert (fetched.body, fetched.status, fetched.media_type) == (b"hello", 200, "text/html")
    assert (fetched.peer, fetched.redirects, fetched.url) == ("127.0.0.1", (), canary.url("/page"))
    assert canary.connections == 1


def test_a_request_says_who_asks_and_little_else(canary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with SafeFetcher(FetchSettings(allow_private=True, user_agent="jianzhen test")) as fetcher:
        fetcher.get(canary.url("/page"))  # it sets a cookie
        fetcher.get(canary.url("/page"))
    said = canary.requests[1].decode().lower()
    names = {line.partition(":")[0] for line in said.split("\r\n")[1:] if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding"}
    assert "user-agent: jianzhen test" in said


class Rebinding:
    """A name whose owner answers with an outer address first and with loopback ever after."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return [UNROUTED] if self.asked == 1 else ["127.0.0.1"]


class CheckThenConnect(httpcore.NetworkBackend):
    """The mistake: judge the name, then let the connection look it up again."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def connect_tcp(self, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
        pin(host, port, resolver=self._resolver)
        return httpcore.SyncBackend().connect_tcp(self._resolver(host, port)[0], port, *rest, **more)


def connections_after_rebinding(canary: Any, fetcher: SafeFetcher) -> int:
    with fetcher, contextlib.suppress(FetchError, SocketConnectBlockedError, UserWarning):  # the test run's own block
        fetcher.get(canary.url("/page", host="shop.example"))
    return int(canary.connections)


def test_a_name_that_changes_its_mind_gains_nothing(canary: Any) -> None:
    resolver = Rebinding()
    assert connections_after_rebinding(canary, SafeFetcher(FetchSettings(), resolver=resolver)) == 0
    assert resolver.asked == 1


def test_a_fetcher_that_checks_and_then_resolves_again_is_caught(canary: Any) -> None:
    fetcher = SafeFetcher(FetchSettings())
    fetcher._pool = httpcore.ConnectionPool(network_backend=CheckThenConnect(Rebinding()))
    assert connections_after_rebinding(canary, fetcher) == 1


def test_the_host_name_is_sent_though_the_address_is_pinned(canary: Any) -> None:
    settings = FetchSettings(allow_private=True)
    with SafeFetcher(settings, resolver=lambda *_: ["127.0.0.1"]) as fetcher:
        fetcher.get(canary.url("/page", host="shop.example"))
    assert f"host: shop.example:{canary.port}" in canary.requests[0].decode().lower()


def test_the_next_address_is_tried_when_the_first_does_not_answer(canary: Any) -> None:
    settings = FetchSettings(allow_private=True)
    with SafeFetcher(settings, resolver=lambda *_: ["::1", "127.0.0.1"]) as fetcher:
        assert fetcher.get(canary.url("/page", host="shop.example")).body == b"hello"


def test_redirects_are_followed_and_told(canary: Any, inner: SafeFetcher) -> None:
    fetched = inner.get(canary.url("/hops/4"))
    assert fetched.url == canary.url("/page")
    assert fetched.redirects == tuple(canary.url(f"/hops/{left}") for left in (4, 3, 2, 1, 0))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/hops/5", "more than 5 redirects"),
        ("/circle", "in a circle"),
        ("/to-metadata", "169.254.169.254 is a link-local address"),
        ("/to-file", "'file' is not fetched"),
        ("/to-user", "user name or password"),
        ("/to-nothing", "not an address"),
        ("/bomb", "larger than 100000 bytes"),
        ("/nested", "not asked for"),
        ("/brotli", "not asked for"),
        ("/claims-much", "larger than 100000 bytes"),
        ("/endless", "larger than 100000 bytes"),
    ],
)
def test_what_our_rules_forbid_is_refused(canary: Any, inner: SafeFetcher, path: str, reason: str) -> None:
    with pytest.raises(FetchRefused, match=reason) as caught:
        inner.get(canary.url(path))
    assert caught.value.where.startswith(canary.url(path))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/gone", "answered 404"),
        ("/half", "ends early"),
        ("/damaged", "damaged"),
        ("/cut", "connection failed"),
        ("/garbage", "connection failed"),
    ],
)
def test_what_does_not_come_is_an_error(canary: Any, inner: SafeFetcher, path: str, reason: str) -> None:
    with pytest.raises(FetchError, match=reason) as caught:
        inner.get(canary.url(path))
    assert not isinstance(caught.value, FetchRefused)
    assert caught.value.where == canary.url(path)


@pytest.mark.parametrize("path", ["/drip-head", "/drip-body"])
def test_a_server_that_drips_is_not_waited_for(canary: Any, path: str) -> None:
    settings = FetchSettings(allow_private=True, deadline_s=0.5)
    with SafeFetcher(settings) as hasty, pytest.raises(FetchError, match=r"longer than 0\.5 s"):
        hasty.get(canary.url(path))


def test_a_packed_body_is_unpacked(canary: Any, inner: SafeFetcher) -> None:
    assert inner.get(canary.url("/packed")).body == b"hello " * 1000


def test_the_fetcher_goes_on_after_every_fault(canary: Any, inner: SafeFetcher) -> None:
    for path in ("/endless", "/bomb", "/garbage", "/cut"):
        with pytest.raises(FetchError):
            inner.get(canary.url(path))
    assert inner.get(canary.url("/page")).body == b"hello"


def test_a_resolver_that_never_answers_is_not_waited_for(canary: Any) -> None:
    def silent(_host: str, _port: int) -> Sequence[str]:
        canary.over.wait(5)
        return []

    with (
        SafeFetcher(FetchSettings(deadline_s=0.1), resolver=silent) as fetcher,
        pytest.raises(FetchError, match="no connection could be opened in time"),
    ):
        fetcher.get("http://shop.example/")
    canary.over.set()


def test_a_host_that_is_silent_is_left_alone(canary: Any) -> None:
    settings = FetchSettings(allow_private=True, deadline_s=0.3, silent_tries=2)
    with SafeFetcher(settings) as fetcher:
        for _ in range(4):
            with pytest.raises(FetchError) as caught:
                fetcher.get(canary.url("/drip-head"))
        assert "could not be reached 2 times in a row" in caught.value.what
        assert canary.connections == 2


def test_a_host_that_answers_anything_is_not_silent(canary: Any, inner: SafeFetcher) -> None:
    for _ in range(2):
        inner._patience.silent("127.0.0.1")
    with pytest.raises(FetchError, match="answered 404"):
        inner.get(canary.url("/gone"))
    inner._patience.silent("127.0.0.1")
    assert inner.get(canary.url("/page")).body == b"hello"  # the third silence was the first in a row


def test_a_missing_authority_file_stops_the_start(tmp_path: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"fetch\.ca_file"):
        SafeFetcher(FetchSettings(ca_file=tmp_path / "none.pem"))
