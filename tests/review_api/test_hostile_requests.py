"""Requests that nobody honest sends: whatever comes, the answer is the caller's fault or an answer, never ours (5xx).

Requests are generated from the OpenAPI document: every operation, with values that have broken parsers before.
"""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api import world as worlds
from tests.review_api.conftest import Caller
from tests.review_api.world import World

REQUESTS = 700
DEEP = "[" * 5000 + "]" * 5000
# Text as it stands in a JSON document, between the quotes or instead of them.
STRINGS = (
    "", " ", "x" * 20_000, "\\u0000", "\\ud800", "\\udfff\\ud800", "\\u202e\\u2066", "<script>alert(1)</script>",
    "../../../etc/passwd", "javascript:alert(1)", "a\\r\\nSet-Cookie: x=1", "'; DROP TABLE leads; --", "%00", "晴川",
    "0" * 32, "f" * 64, "2026-00001", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00+14:00", "NaN", "1e400", "-0",
)  # fmt: skip
LITERALS = (
    "null", "true", "[]", "{}", "-1", "0", "2147483648", "9" * 400, "1e400", "-1e400", "NaN", "Infinity", "1.5", DEEP,
    '{"a":1,"a":2}', "[null]", '[""]', '{"\\u0000":0}', '{"\\ud800":0}',
)  # fmt: skip
PATHS = (
    "%00", "..%2f..%2fetc%2fpasswd", "%ed%a0%80", "x" * 3000, "%0d%0aSet-Cookie:%20x=1", "0" * 32, "f" * 64,
    "2026-00001", "QC-30", "%F0%9F%92%A9", "-1", "%ff%fe", ";", "*",
)  # fmt: skip
RAW = (
    b"",
    b"\x00",
    b"{",
    b"\xff\xfe{}",
    b'"' + b"\xed\xa0\x80" + b'"',
    DEEP.encode(),
    b'{"a":' * 3000 + b"1" + b"}" * 3000,
)
TYPES = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x",
    "text/plain", "application/json; charset=utf-16", "",
)  # fmt: skip
PAGES = ("/", "/leads", "/leads/{id}", "/case-leads", "/case-leads/new", "/case-leads/{id}", "/registry",
         "/registry/marks/{id}", "/triage", "/signin", "/people", "/audit",
         "/profile", "/referrals/{id}", "/signin/oidc/callback", "/static/{id}",
         "/case-leads/{id}/dossier.xlsx")  # fmt: skip
FORMS = (
    "/signin",
    "/leads/{id}/decision",
    "/leads/{id}/acceptance",
    "/case-leads",
    "/triage/points",
    "/leads/{id}/group/split",
    "/leads/{id}/group/merge",
    "/case-leads/{id}/outcome",
    "/leads/{id}/referral",
    "/people",
    "/people/{id}",
    "/people/{id}/password",
    "/keys",
    "/keys/{id}/revocation",
)
NAMES = (
    "disposition", "kind", "platform", "mark", "mark_id", "cell", "detector", "minimum", "minimum_score", "text",
    "order", "after", "limit", "lang", "language", "lead", "next", "revision", "reason", "reason_code", "note",
    "checked", "grouped", "group", "group_id", "member", "other", "point", "filed", "comparison",
    "name", "password", "target", "csrf_token", "role", "active", "display_name", "days", "scope", "holder", "act",
    "before", "state", "code",
)  # fmt: skip


class Sender:
    """Sends generated requests and remembers those that were answered with a fault of ours."""

    def __init__(self, caller: Caller, chance: random.Random) -> None:
        self._caller, self._chance = caller, chance
        self.faults: list[tuple[int, str, str, str]] = []
        self.statuses: set[int] = set()

    def send(self, method: str, path: str, **more: Any) -> None:
        answer = self._caller(method, path, **more)
        self.statuses.add(answer.status_code)
        if answer.status_code >= 500:
            self.faults.append((answer.status_code, method, path[:200], repr(more)[:300]))
        assert "set-cookie: x=1" not in str(answer.headers).lower()
        assert not re.match(r"(https?:)?//|javascript:", answer.headers.get("location", ""))

    def fill(self, path: str) -> str:
        return re.sub(r"\{\w+\}", lambda _: self._chance.choice(PATHS), path)

    def query(self) -> str:
        escaped = (
            "%00",
            "%ed%a0%80",
            "%E2%80%AE",
            "1e999",
            "nan",
            "-1",
            "x" * 5000,
            "%5B",
            "W10%3D",
            "%27",
            "all",
            "9" * 40,
        )
        return "&".join(
            f"{self._chance.choice(NAMES)}={self._chance.choice(escaped)}" for _ in range(self._chance.randint(0, 4))
        )

    def value(self, schema: dict[str, Any], defined: dict[str, Any], depth: int = 0) -> str:
        """JSON text that mostly fits the schema, and somewhere does not."""
        while "$ref" in schema:
            schema = defined[schema["$ref"].rsplit("/", 1)[1]]
        if self._chance.random() < 0.15 or depth > 6:
            return self._chance.choice(LITERALS)
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self.value(self._chance.choice(options), defined, depth + 1)
        if "enum" in schema and self._chance.random() < 0.7:
            return json.dumps(self._chance.choice(schema["enum"]))
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            fields = schema.get("properties", {"0" * 32: {"type": "integer"}, "x": {}})
            given = [name for name in fields if name in schema.get("required", ()) or self._chance.random() < 0.5]
            pairs = (f"{json.dumps(name)}:{self.value(fields[name], defined, depth + 1)}" for name in given)
            return "{" + ",".join(pairs) + "}"
        if kind == "array":
            items = schema.get("items", {})
            return (
                "[" + ",".join(self.value(items, defined, depth + 1) for _ in range(self._chance.randint(0, 3))) + "]"
            )
        if kind in ("integer", "number", "boolean"):
            return self._chance.choice(("0", "1", "true", "12.5", "9" * 25))
        return '"' + self._chance.choice(STRINGS) + '"'


def body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    return next((kind.get("schema", {}) for kind in content.values()), {})


def test_no_request_is_answered_with_a_fault_of_ours(officer: Caller, world: World) -> None:
    nothing_is_our_fault(officer, world, seed=1)


@pytest.mark.postgres
def test_nor_on_postgresql(postgres_url: str, tmp_path: Path, portal: BlockingPortal) -> None:
    world = worlds.build(tmp_path, postgres_url)
    caller = Caller(create_app(world.store, world.objects, world.port, ReviewSettings()), portal)
    caller.enter(world, "linhai")
    nothing_is_our_fault(caller, world, seed=2)
    world.store.close()


def nothing_is_our_fault(officer: Caller, world: World, *, seed: int) -> None:
    chance = random.Random(seed)
    sender = Sender(officer, chance)
    document = officer.get("/api/v1/openapi.json").json()
    defined = document["components"]["schemas"]
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if (method, path) != ("delete", "/api/v1/session")
    ]
    for number in range(REQUESTS):
        if number % 4 == 0:
            sender.send("GET", f"{sender.fill(chance.choice(PAGES))}?{sender.query()}")
            form = {chance.choice(NAMES): chance.choice(STRINGS) for _ in range(5)}
            path = sender.fill(chance.choice(FORMS)).replace("0" * 32, chance.choice(world.leads["linhai"]))
            sender.send("POST", path, data=form | {"csrf_token": officer.csrf})
            continue
        method, path, operation = operations[number % len(operations)]
        address = f"{sender.fill(path)}?{sender.query()}"
        if method == "GET":
            sender.send(method, address, headers={"If-Match": chance.choice(("x", '"9"', "9" * 30))})
            continue
        raw = chance.random() < 0.2
        content = chance.choice(RAW) if raw else sender.value(body_schema(operation), defined).encode()
        kind = chance.choice(TYPES) if raw else "application/json"
        sender.send(method, address, content=content, headers={"Content-Type": kind})
    assert sender.faults == []
    assert {200, 404, 422} <= sender.statuses  # not everything was turned away at one door
