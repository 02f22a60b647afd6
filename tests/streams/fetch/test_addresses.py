"""The address policy: forbidden networks, URLs read as text, and names pinned to judged addresses."""

from collections.abc import Sequence
from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import FetchError, FetchRefused
from streams.fetch.addresses import FORBIDDEN, NEVER, check_url, pin, shortened, why_forbidden

PUBLIC = ["8.8.8.8", "1.1.1.1", "223.5.5.5", "172.32.0.1", "100.128.0.1", "2400:3200::1", "64:ff9b::808:808"]
INNER = ["10.1.2.3", "127.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1", "64:ff9b::a00:1"]
NEVER_REACHED = [
    "169.254.169.254", "100.100.100.200", "fd00:ec2::254", "0.1.2.3", "224.0.0.1", "255.255.255.255",
    "240.0.0.1", "192.0.2.1", "192.0.0.192", "198.51.100.7", "203.0.113.9", "::", "::ffff:127.0.0.1",
    "::ffff:8.8.8.8", "fe80::1", "fe80::1%2", "ff02::1", "2002:7f00:1::", "2001:0:7f00::1", "2001:db8::1", "::7f00:1",
    "64:ff9b:1::1", "64:ff9b::a9fe:a9fe", "5f00::1", "100::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_open(address: str) -> None:
    assert why_forbidden(address) == ""
    assert why_forbidden(address, allow_private=True) == ""


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_open_only_when_allowed(address: str) -> None:
    assert why_forbidden(address)
    assert why_forbidden(address, allow_private=True) == ""


@pytest.mark.parametrize("address", NEVER_REACHED)
def test_some_addresses_are_never_open(address: str) -> None:
    assert why_forbidden(address)
    assert why_forbidden(address, allow_private=True)


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_forbidden_here_too(address: IPv4Address) -> None:
    if not address.is_global:
        assert why_forbidden(address)


@pytest.mark.parametrize(("network", "rule", "_what"), FORBIDDEN)
def test_both_ends_of_every_forbidden_network_are_forbidden(network: str, rule: str, _what: str) -> None:
    ends = ip_network(network)[0], ip_network(network)[-1]
    for address in ends:
        assert why_forbidden(address)
        if rule == NEVER:
            assert why_forbidden(address, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "ftp://example.com/x",
        "gopher://example.com/",
        "//example.com/x",
        "example.com/x",
        "",
        "http://",
        "http:///x",
        "javascript:alert(1)",
        "http://user@example.com/",
        "http://u:p@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://exa mple.com/",
        "http://example.com/\r\nHost: inner",
        "http://[::1/",
        "http://example.com:99999/",
        "http://example.com:port/",
        "http://example.com/\x00",
        " http://example.com/",
        "http://127.0.0.1#@example.com@/" + "a" * 9000,
    ],
)
def test_urls_that_are_refused_as_text(url: str) -> None:
    with pytest.raises(FetchRefused):
        check_url(url)


def test_what_a_good_url_points_at() -> None:
    assert check_url("HTTPS://Example.COM/图.jpg?x=1@2") == ("https", "example.com", 443)
    assert check_url("http://[2400:3200::1]:8080/") == ("http", "2400:3200::1", 8080)


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "[::1]",
        "①②⑦.0.0.1",
        "localhost",
        "0",
    ],
)
def test_every_spelling_of_loopback_is_refused(host: str) -> None:
    with pytest.raises(FetchRefused):
        pin(host, 80)


def test_a_name_with_one_foot_inside_is_refused() -> None:
    def both(_host: str, _port: int) -> Sequence[str]:
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(FetchRefused, match=r"10\.0\.0\.1 is a private address"):
        pin("shop.example", 80, resolver=both)


def test_the_remedy_is_named_only_where_it_helps() -> None:
    with pytest.raises(FetchRefused) as inner:
        pin("x", 80, resolver=lambda *_: ["10.0.0.1"])
    assert "allow private" in inner.value.mend
    with pytest.raises(FetchRefused) as metadata:
        pin("x", 80, resolver=lambda *_: ["169.254.169.254"])
    assert metadata.value.mend == ""


def test_an_unknown_name_is_an_error_not_a_refusal() -> None:
    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    for resolver in (unknown, lambda *_: []):
        with pytest.raises(FetchError) as caught:
            pin("gone.example", 80, resolver=resolver)
        assert not isinstance(caught.value, FetchRefused)


def test_a_shortened_address_shows_no_password() -> None:
    assert shortened("http://user:secret@shop.example/a@b") == "http://shop.example/a@b"
    assert shortened("http://shop.example/@maker/1.jpg") == "http://shop.example/@maker/1.jpg"
    assert shortened("http://shop.example/\x1b[2J") == "http://shop.example/\\x1b[2J"
    assert len(shortened("http://shop.example/" + "a" * 9000)) == 200
