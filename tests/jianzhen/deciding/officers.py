"""Officers as careful programs play them: each decides on leads of its own, names the revision that it read, and sends
a request again, with the same key, until it knows what became of it.

What was answered with 2xx is written down, and so is everything that an officer should never see.
"""

import http.client
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.leads import Disposition

DISMISSED, REOPENED, ACCEPTED = Disposition.DISMISSED, Disposition.OPEN, Disposition.ACCEPTED
# What an officer does in turn, over and over: to how many leads at once, and whether to those of the deed before.
ROUND = ((DISMISSED, 1, False), (REOPENED, 1, True), (DISMISSED, 10, False), (ACCEPTED, 5, False))
LEADS_OF_A_ROUND = 16
PROBLEM = "application/problem+json"
PAUSE_S = 0.1


@dataclass(frozen=True)
class Deed:
    """One act, done to all of its leads or to none: as they stood at which revision, and with words that no other act
    bears."""

    leads: tuple[str, ...]
    revision: int
    disposition: Disposition
    words: str
    officer: str


@dataclass(frozen=True)
class Blow:
    """A request that got no answer, or a 503: when it was sent, and when that was known."""

    sent_at: float
    known_at: float
    status: int


@dataclass
class Journal:
    """What all officers saw."""

    answered: list[tuple[Deed, str]] = field(default_factory=list)
    """Deeds answered with 2xx, each with what the audit trail names it by: case number, act, or lead."""
    seen: list[Deed] = field(default_factory=list)
    """Deeds whose answer was lost, and that were found done on looking."""
    sent: set[str] = field(default_factory=set)
    """The words of every deed that was sent."""
    blows: list[Blow] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    replayed: int = 0
    wrong: list[str] = field(default_factory=list)
    """What no officer should see."""
    answered_at: list[tuple[float, int]] = field(default_factory=list)
    """When, and how many decisions."""


class Officer(threading.Thread):
    """One of them, in a thread of its own, with a connection that is kept. It never hurries to catch up with what an
    outage cost, and waits for an answer for `patience_s`."""

    def __init__(
        self,
        name: str,
        headers: dict[str, str],
        port: int,
        leads: Sequence[str],
        journal: Journal,
        *,
        every_s: float,
        patience_s: float,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._headers, self._port, self._journal, self._every_s = headers, port, journal, every_s
        self._patience_s = patience_s
        self._leads = list(leads)
        self._connection: http.client.HTTPConnection | None = None
        self._over = threading.Event()

    def stop(self) -> None:
        """Finish the deed at hand."""
        self._over.set()

    def run(self) -> None:
        due = time.monotonic()
        for deed in self._deeds():
            if self._over.wait(max(0.0, due - time.monotonic())):
                break
            due = max(due + self._every_s * len(deed.leads), time.monotonic())
            self._journal.sent.add(deed.words)
            self._see_through(deed)
        else:
            self._journal.wrong.append("too few leads for this drive")
        self._hang_up()

    def _deeds(self) -> Iterator[Deed]:
        leads: tuple[str, ...] = ()
        while len(self._leads) >= LEADS_OF_A_ROUND:
            for disposition, count, same in ROUND:
                if not same:
                    leads = tuple(self._leads.pop() for _ in range(count))
                yield Deed(leads, int(same), disposition, f"words {secrets.token_hex(8)}", self.name)

    def _see_through(self, deed: Deed) -> None:
        key, blind, tries = secrets.token_hex(8), False, 0
        while True:
            tries += 1
            answer = self._ask("POST", *request_of(deed, key))
            if answer is None or answer.status == 503:
                blind = True
                time.sleep(PAUSE_S)
            elif answer.status in (200, 201):
                self._journal.replayed += answer.replayed
                self._journal.answered.append((deed, answer.made or deed.leads[0]))
                self._journal.answered_at.append((time.monotonic(), len(deed.leads)))
                return
            elif answer.status == 409 and blind:
                if self._look(deed):
                    self._journal.seen.append(deed)
                    return
                time.sleep(PAUSE_S)
            else:
                self._journal.wrong.append(f"{answer.status} {answer.body} for {deed}")
                return
            if blind and answer is None and tries > 1:  # a retry is held for as long as the first may be at work
                if self._look(deed):
                    self._journal.seen.append(deed)
                    return
                key = secrets.token_hex(8)  # the revision alone is guard enough

    def _look(self, deed: Deed) -> bool:
        """Whether the deed was done: to one of its leads, for it is to all or to none."""
        while True:
            answer = self._ask("GET", f"/api/v1/leads/{deed.leads[0]}", None, {})
            if answer is not None and answer.status == 200:
                lead = answer.body["lead"]
                return bool(lead["revision"] > deed.revision and deed.words in lead["decisions"][-1]["reason"])
            time.sleep(PAUSE_S)

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> "_Answer | None":
        """The answer, or None where none came."""
        sent_at = time.monotonic()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._patience_s)
            given = json.dumps(body) if body is not None else None
            self._connection.request(
                method, path, given, {**self._headers, **headers, "Content-Type": "application/json"}
            )
            response = self._connection.getresponse()
            answer = _Answer(response, response.read())
        except (OSError, http.client.HTTPException):
            self._hang_up()
            self._journal.blows.append(Blow(sent_at, time.monotonic(), 0))
            return None
        self._journal.statuses[answer.status] += 1
        if answer.status == 503:
            self._journal.blows.append(Blow(sent_at, time.monotonic(), 503))
        self._journal.wrong += answer.faults
        return answer

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Answer:
    """What came back, and what is wrong with it."""

    def __init__(self, response: http.client.HTTPResponse, data: bytes) -> None:
        self.status = response.status
        self.body: dict[str, Any] = json.loads(data)
        self.made = (response.headers.get("Location") or "").rpartition("/")[2]
        self.replayed = response.headers.get("Idempotency-Replayed") == "true"
        self.faults: list[str] = []
        told = (response.headers.get("Content-Type"), self.body.get("code"), response.headers.get("Retry-After"))
        sound = told[0] == PROBLEM and told[1] in {"transient", "no-room"} and (told[2] or "").isdigit()
        if self.status == 503 and not sound:
            self.faults.append(f"a 503 that is not told properly: {told} {self.body}")
        if self.status >= 500 and self.status != 503:
            self.faults.append(f"{self.status} {self.body}")


def request_of(deed: Deed, key: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Path, body and headers."""
    headers = {"Idempotency-Key": key}
    if deed.disposition is ACCEPTED:
        return "/api/v1/case-leads", {"leads": dict.fromkeys(deed.leads, deed.revision), "note": deed.words}, headers
    reason = {"reason": deed.words} | ({"reason_code": "other"} if deed.disposition is DISMISSED else {})
    if len(deed.leads) > 1:
        chosen = [{"lead_id": lead_id, "revision": deed.revision} for lead_id in deed.leads]
        return "/api/v1/bulk-acts", {"act": "dismiss", "leads": chosen, **reason}, headers
    headers["If-Match"] = f'"{deed.revision}"'
    return f"/api/v1/leads/{deed.leads[0]}/decisions", {"disposition": deed.disposition, **reason}, headers
