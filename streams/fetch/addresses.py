"""The address policy: which URLs and which network addresses a fetch may go to.

Owns the table of forbidden networks and the one moment at which a name becomes an address. A name is resolved once;
every address it has is judged, and the caller connects to exactly what was judged (`pin`). Whoever checks a URL and
then lets a library resolve the name again is open to DNS rebinding. Connecting is left to the caller.
"""

import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from models.errors import FetchError, FetchRefused

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""Turns a host and port into the texts of its addresses. Raises `OSError` when the name is unknown."""

SCHEMES = {"http": 80, "https": 443}
MAX_URL = 8192

PRIVATE = "private"  # reachable when the caller allows private addresses
NEVER = "never"

# First match decides. Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, 8190), RFC 6598,
# RFC 5771 and 4291 (multicast), and the metadata addresses that cloud providers document.
FORBIDDEN: tuple[tuple[str, str, str], ...] = (
    ("169.254.0.0/16", NEVER, "a link-local address (cloud metadata lives there)"),
    ("100.100.100.200/32", NEVER, "a cloud metadata address"),
    ("168.63.129.16/32", NEVER, "a cloud platform address"),
    ("fd00:ec2::254/128", NEVER, "a cloud metadata address"),
    ("0.0.0.0/8", NEVER, "an unspecified address"),
    ("10.0.0.0/8", PRIVATE, "a private address"),
    ("100.64.0.0/10", PRIVATE, "a carrier-grade NAT address"),
    ("127.0.0.0/8", PRIVATE, "a loopback address"),
    ("172.16.0.0/12", PRIVATE, "a private address"),
    ("192.168.0.0/16", PRIVATE, "a private address"),
    ("192.0.0.0/24", NEVER, "a protocol-assignment address"),
    ("192.0.2.0/24", NEVER, "a documentation address"),
    ("192.88.99.0/24", NEVER, "a 6to4 relay address"),
    ("198.18.0.0/15", PRIVATE, "a benchmarking address"),
    ("198.51.100.0/24", NEVER, "a documentation address"),
    ("203.0.113.0/24", NEVER, "a documentation address"),
    ("224.0.0.0/4", NEVER, "a multicast address"),
    ("240.0.0.0/4", NEVER, "a reserved or broadcast address"),
    ("::/128", NEVER, "an unspecified address"),
    ("::1/128", PRIVATE, "a loopback address"),
    ("::ffff:0:0/96", NEVER, "an IPv4-mapped address"),
    ("fc00::/7", PRIVATE, "a unique-local address"),
    ("fe80::/10", NEVER, "a link-local address"),
    ("ff00::/8", NEVER, "a multicast address"),
    ("2001::/23", NEVER, "a protocol-assignment or Teredo address"),
    ("2001:db8::/32", NEVER, "a documentation address"),
    ("2002::/16", NEVER, "a 6to4 address"),
    ("3fff::/20", NEVER, "a documentation address"),
)
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address really reached
GLOBAL_UNICAST = IPv6Network("2000::/3")

_TABLE: tuple[tuple[IPv4Network | IPv6Network, str, str], ...] = tuple(
    (ip_network(network), rule, what) for network, rule, what in FORBIDDEN
)


class Target(NamedTuple):
    """Where a URL points, before its name is resolved."""

    scheme: str
    host: str
    port: int


def why_forbidden(address: Address | str, *, allow_private: bool = False) -> str:
    """What the address is, in words, when no connection may go to it; empty when one may. Pure: nothing is resolved.

    `allow_private` opens private, loopback, unique-local and carrier-grade NAT addresses and nothing else.
    """
    if isinstance(address, str):
        try:
            address = ip_address(address)
        except ValueError:
            return "not a network address"
    if isinstance(address, IPv6Address) and address in NAT64:
        return why_forbidden(IPv4Address(int(address) & 0xFFFFFFFF), allow_private=allow_private)
    for network, rule, what in _TABLE:
        if address.version == network.version and address in network:
            return "" if rule == PRIVATE and allow_private else what
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return "a reserved address"
    return ""


def check_url(url: str) -> Target:
    """Judge a URL as text. Raises `FetchRefused` unless it is http or https, has a host, a valid port, no user name or
    password, and no character that programs read differently (controls, spaces, backslashes)."""
    where = shortened(url)
    if len(url) > MAX_URL:
        raise FetchRefused(f"the address is longer than {MAX_URL} characters", where=where)
    if any(ord(character) <= 0x20 or ord(character) == 0x7F or character == "\\" for character in url):
        raise FetchRefused(
            "the address holds a space, a control character or a backslash", where=where, mend="percent-encode it"
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as fault:
        raise FetchRefused(f"not a valid address: {fault}", where=where) from None
    scheme = parts.scheme.lower()
    if scheme not in SCHEMES:
        raise FetchRefused(
            f"scheme {scheme!r} is not fetched" if scheme else "the address has no scheme",
            where=where,
            mend="only http and https are fetched",
        )
    if "@" in parts.netloc:
        raise FetchRefused("the address holds a user name or password", where=where, mend="remove it")
    if not host:
        raise FetchRefused("the address has no host", where=where)
    return Target(scheme, host, port or SCHEMES[scheme])


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver. Spellings like `2130706433` or `0x7f.1` are read here as any connection would."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def pin(host: str, port: int, *, allow_private: bool = False, resolver: Resolver = resolve) -> tuple[str, ...]:
    """Resolve once and return the addresses to connect to, in the resolver's order; connect to these texts only.

    Raises `FetchRefused` when any of them is forbidden (a name with one foot inside is not trusted at all), and
    `FetchError` when the name is unknown.
    """
    try:
        addresses = tuple(resolver(host.strip("[]"), port))
    except (OSError, UnicodeError) as fault:
        raise FetchError(f"the host name cannot be resolved: {fault}", where=host) from None
    if not addresses:
        raise FetchError("the host name has no address", where=host)
    for address in addresses:
        what = why_forbidden(address, allow_private=allow_private)
        if what:
            opens = not allow_private and not why_forbidden(address, allow_private=True)
            mend = "allow private addresses for this source if it is yours" if opens else ""
            raise FetchRefused(f"{address} is {what}", where=host, mend=mend)
    return addresses


def shortened(url: str, limit: int = 200) -> str:
    """An address fit for a message: without a user name or password, control characters escaped, cut to `limit`."""
    url = re.sub(r"^([^:/?#]+://)[^/?#]*@", r"\1", url[: limit * 2])
    clean = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in url)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
