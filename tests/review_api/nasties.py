"""Nasty values and the places they are put: two declared tables, whose product is what hostile requests are made of."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import quote_from_bytes

from review_api.access.policy import policy_for
from tests.review_api.access.requests import BODIES, address, filled
from tests.review_api.access.tenants import Tenants

# Values that have broken parsers, databases, renderers and logs before, as bytes that go over the wire.
NASTIES: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "NUL": b"a\x00b",
    "a lone surrogate": b"\xed\xa0\x80",
    "cut UTF-8": b"\xe6\x99",
    "overlong UTF-8": b"\xc0\xae\xc0\xae\xc0\xaf",
    "UTF-16 with its mark": b"\xff\xfe\x34\x66",
    "a byte order mark": b"\xef\xbb\xbfx",
    "right to left": "\u202egnp.exe\u2066".encode(),
    "no width": "\u200b\ufeff\u2060".encode(),
    "many marks on one letter": ("e" + "\u0301" * 500).encode(),
    "a family of emoji": "👨‍👩‍👧‍👦🏳️‍🌈".encode(),
    "a private character": "\ue000\U0010fffd".encode(),
    "digits of other scripts": "१२३٤٥٦".encode(),
    "full width": "ＡＤＭＩＮ＇；－－".encode(),
    "a dotless i": "İstanbul ıI".encode(),
    "ten thousand letters": b"x" * 10_000,
    "a thousand characters": "晴".encode() * 1_000,
    "line ends": b"a\r\nSet-Cookie: x=1\r\n\r\n<b>",
    "line separators": "a\u2028b\u2029c\x85".encode(),
    "controls": bytes(range(1, 32)),
    "a terminal's escape": b"\x1b]0;owned\x07\x1b[2J",
    "SQL": b"'; DROP TABLE leads; --",
    "SQL of a pattern": b"%_\\%'\"",
    "a shell": b"$(reboot);`id`|cat /etc/passwd",
    "a path": b"../../../../etc/passwd",
    "an encoded path": b"..%2f..%2f%00.png",
    "a Windows device": b"CON.aux\\\\.\\pipe",
    "markup": b"<script>alert(1)</script><svg/onload=alert(1)>",
    "a template": b"{{7*7}}${7*7}<%= 7*7 %>{% raw %}#{7*7}",
    "a format": b"%s%n%x{0.__class__}",
    "a formula": b"=HYPERLINK(\"//x\")",
    "a lookup": b"${jndi:ldap://127.0.0.1/x}",
    "an entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "a script's address": b"javascript:alert(1)//",
    "another site": b"//elsewhere.example/\\x",
    "two to the 63rd": b"9223372036854775808",
    "below two to the 63rd": b"-9223372036854775809",
    "four thousand digits": b"9" * 4_000,
    "a huge exponent": b"1e400",
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "minus nothing": b"-0",
    "a number in hex": b"0x7fffffff",
    "a number with underscores": b"1_000",
    "the last moment": b"9999-12-31T23:59:60+14:00",
    "the thirtieth of February": b"2026-02-30",
    "null": b"null",
    "true": b"true",
    "a list": b"[[],[[]]]",
    "an object": b'{"__proto__":{"admin":true},"$where":"1"}',
    "a list ten thousand deep": b"[" * 10_000 + b"]" * 10_000,
}  # fmt: skip


class Request(NamedTuple):
    """What is sent."""

    told: str
    method: str
    path: str
    more: dict[str, Any]


@dataclass(frozen=True)
class Call:
    """An operation of the API or a form of the console, with a body that would do, filled for one organisation."""

    method: str
    route: str
    path: str
    body: dict[str, Any]

    @property
    def names(self) -> int:
        return self.route.count("{")


def as_path(call: Call, value: bytes) -> Request:
    """Instead of the last name in the path."""
    given = quote_from_bytes(value[:3_000], safe="") or "%20"
    parts = call.path.split("/")
    places = [number for number, part in enumerate(call.route.split("/")) if part.startswith("{")]
    if places:
        parts[places[-1]] = given
    return Request("path", call.method, "/".join(parts) if places else f"{call.path}/{given}", call.body)


def as_query(call: Call, value: bytes) -> Request:
    """As the value of every parameter that lists take, and as a name."""
    given = quote_from_bytes(value[:1_500], safe="")
    names = ("text", "limit", "after", "minimum_score", "order", "disposition", "lang", "theme", given[:200])
    body = {key: each for key, each in call.body.items() if key != "params"}
    return Request("query", call.method, f"{call.path}?{'&'.join(f'{name}={given}' for name in names)}", body)


def as_text_of_body(call: Call, value: bytes) -> Request:
    """As the text of every field that the body has, and as a field's name."""
    if "data" in call.body:
        spoiled: dict[str, Any] = {"data": dict.fromkeys(call.body["data"], value) | {"nobody-asked": value}}
        return Request("form text", call.method, call.path, spoiled)
    text = value.decode("utf-8", "surrogatepass" if value == b"\xed\xa0\x80" else "replace")
    body = dict.fromkeys(call.body.get("json", {"a": 1}), text) | {text[:100]: 1}
    return Request("JSON text", call.method, call.path, raw(json.dumps(body, ensure_ascii=True).encode()))


def as_value_of_body(call: Call, value: bytes) -> Request:
    """Written into the body as it stands, where a value belongs."""
    names = call.body.get("json", call.body.get("data", {"a": 1}))
    body = b"{" + b",".join(json.dumps(name).encode() + b":" + (value or b"0") for name in names) + b"}"
    return Request("JSON value", call.method, call.path, raw(body))


def as_whole_body(call: Call, value: bytes) -> Request:
    return Request("body", call.method, call.path, raw(value))


def as_doubled_field(call: Call, value: bytes) -> Request:
    """Each field twice: once as it should be, once nasty."""
    if "data" in call.body:
        pairs = [(name, each) for name, given in call.body["data"].items() for each in (str(given).encode(), value)]
        content = b"&".join(name.encode() + b"=" + quote_from_bytes(each).encode() for name, each in pairs)
        return Request("doubled form", call.method, call.path, raw(content, "application/x-www-form-urlencoded"))
    text = json.dumps(value.decode("utf-8", "replace")).encode()
    fields = call.body.get("json", {"a": 1})
    body = b",".join(
        json.dumps(name).encode() + b":" + each
        for name, given in fields.items()
        for each in (json.dumps(given).encode(), text)
    )
    return Request("doubled JSON", call.method, call.path, raw(b"{" + body + b"}"))


def as_header(call: Call, value: bytes) -> Request:
    """In the headers that are read; a server refuses line ends and NUL before anyone reads them."""
    given = bytes(each for each in value if each >= 32)[:4_000].strip()
    names = ("If-Match", "Idempotency-Key", "Accept-Language", "X-Forwarded-For", "Referer", "Origin")
    headers = [(name.encode(), given) for name in names]
    return Request("header", call.method, call.path, {**call.body, "headers": headers})


def as_content_type(call: Call, value: bytes) -> Request:
    given = bytes(each for each in value if each >= 32)[:500].strip() or b"multipart/form-data"
    headers = [(b"Content-Type", given)]
    return Request("content type", call.method, call.path, {"content": b'{"a": 1}', "headers": headers})


def as_part_of_multipart(call: Call, value: bytes) -> Request:
    """As name, file name and content of a part."""
    plain = re.sub(rb'[\r\n"]', b"", value)[:3_000]
    part = b'--x\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\n\r\n%b\r\n--x--\r\n'
    body = part % (plain, plain, value)
    return Request("multipart", call.method, call.path, raw(body, "multipart/form-data; boundary=x"))


PLACES: tuple[Callable[[Call, bytes], Request], ...] = (
    as_path, as_query, as_header,
    as_text_of_body, as_value_of_body, as_whole_body, as_doubled_field, as_content_type, as_part_of_multipart,
)  # fmt: skip
NO_BODY = PLACES[:3]


def raw(content: bytes, kind: str = "application/json") -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": kind}}


def calls(routes: list[tuple[str, str]], tenants: Tenants, organisation_id: str) -> list[Call]:
    """Every call that this organisation has the things for; none that ends the session it is made in."""
    things = tenants.things[organisation_id]
    found = []
    for method, route in routes:
        policy = policy_for(method, route)
        if policy is None or f"{method} {route}" in {"POST /signout", "DELETE /api/v1/session"}:
            continue
        try:
            body = filled(BODIES.get(f"{method} {route.replace(':path', '')}", {}), things)
            found.append(Call(method, route, address(route, things), body))
        except KeyError:
            continue
    return found


def requests(known: list[Call], rounds: int, *, every: int = 1) -> Iterator[Request]:
    """Every value in every place (or in every second or third of them, in turn), `rounds` times, each time in another
    call: the calls take turns."""
    reading = [call for call in known if call.method == "GET"]
    changing = [call for call in known if call.method != "GET"]
    turn = count()
    for _ in range(rounds):
        for name, value in NASTIES.items():
            for place in PLACES:
                number = next(turn)
                if number % every:
                    continue
                both = number % 3 and place in NO_BODY
                call = reading[number % len(reading)] if both else changing[number % len(changing)]
                made = place(call, value)
                yield made._replace(told=f"{name} as {made.told} of {call.method} {call.route}")
