"""The matrix: every caller against every operation, with own, foreign and missing ids. It is generated from the routes
of the application, so that a new one is in it or fails it. What breaks a rule is returned, so that controls can ask for
it as well."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from models.organisations import ROLES, Role, Scope
from review_api.access.policy import Policy, policy_for
from review_api.sessions import Visitor
from tests.review_api.access.requests import BODIES, MISSING, MIXED, address, filled, sorts
from tests.review_api.access.tenants import ORGANISATIONS, UNITS, Tenants
from tests.review_api.conftest import Caller

# Ends what the caller calls with: tried on its own, last.
ENDINGS = {"POST /signout", "DELETE /api/v1/session"}
# What a list cannot be asked for without.
QUERIES = {"/api/v1/registry/goods": {"mark_id": "QC-30"}, "/api/v1/search": {"q": "晴川"}}
# Named as holders by a referral, or a kind of file: never another's thing.
SHARED = {"organisation", "file"}


@dataclass
class Findings:
    """What was tried, and what broke a rule."""

    tried: int = 0
    broken: list[str] = field(default_factory=list)

    def expect(self, right: bool, answer: httpx.Response, told: str) -> None:
        self.tried += 1
        if not right:
            self.broken.append(f"{answer.status_code} {told}")


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every route, API and console; what is mounted answers nobody but by its row in the policy."""
    return [
        (method, context.path or "")
        for context in iter_route_contexts(app.routes)
        for method in sorted(context.methods or ())
        if method != "HEAD"
    ]


@dataclass
class Matrix:
    """An application, its tenants, and callers for everybody in them."""

    app: FastAPI
    tenants: Tenants
    portal: BlockingPortal
    only: str = ""  # one path, where a control is about that

    def person(self, organisation_id: str, role: Role) -> Caller:
        caller = Caller(self.app, self.portal)
        caller.enter_as(self.tenants.world.store, self.tenants.people[organisation_id, role].account_id)
        return caller

    def machine(self, organisation_id: str) -> Caller:
        caller = Caller(self.app, self.portal)
        caller.bearer = self.tenants.keys[organisation_id]
        return caller

    def callers(self) -> Iterator[tuple[str, str, Caller, Any]]:
        """Name, organisation, caller, and whether a policy lets them in."""
        organisations = {each.organisation_id: each for each in ORGANISATIONS}
        for (organisation_id, role), account in self.tenants.people.items():
            visitor = Visitor(account, "", organisations[organisation_id])
            yield f"{role} of {organisation_id}", organisation_id, self.person(organisation_id, role), visitor.admitted
            machine = Visitor(account, "", organisations[organisation_id], frozenset(Scope))
            if role == min(ROLES[organisations[organisation_id].kind]):
                yield (
                    f"a machine of {organisation_id}",
                    organisation_id,
                    self.machine(organisation_id),
                    machine.admitted,
                )

    def operations(self) -> Iterator[tuple[str, str, Policy, dict[str, Any]]]:
        for method, path in routes(self.app):
            policy = policy_for(method, path)
            if policy is None or policy.open_to_all or f"{method} {path}" in ENDINGS:
                continue
            if not self.only or path == self.only:
                yield method, path, policy, BODIES.get(f"{method} {path.replace(':path', '')}", {})

    def refusals(self, *, admitted_only: bool = False) -> Findings:
        """Nobody gets beyond the policy, and nobody who is let in gets at what is another's or is not there."""
        found = Findings()
        for name, organisation_id, caller, admits in self.callers():
            for method, path, policy, body in self.operations():
                told = f"{method} {path} by {name}"
                if not admits(policy):
                    if not admitted_only:
                        self._refused(found, caller, method, path, body, organisation_id, told)
                    continue
                for whose, things in self._others(organisation_id, sorts(path, body) - SHARED):
                    answer = caller(method, address(path, things), **filled(body, things))
                    found.expect(answer.status_code == 404, answer, f"{told} on a thing {whose}")
            if not self.only and admits(policy_for("POST", "/case-leads")):
                self._mixed(found, caller, organisation_id, name)
        return found

    def lists(self) -> Findings:
        """What answers without naming a thing shows nothing of another's."""
        found = Findings()
        for name, organisation_id, caller, admits in self.callers():
            foreign = {
                canary
                for other in self.tenants.things
                if not (other == organisation_id or {other, organisation_id} == {"qingchuan", "zhihe"})
                for canary in self.tenants.canaries(other, by=organisation_id)
            } - self.tenants.canaries(organisation_id) - {""}  # fmt: skip
            for method, path, policy, body in self.operations():
                if method == "GET" and admits(policy) and not sorts(path, body):
                    answer = caller.get(path, params=QUERIES.get(path, {}))
                    seen = sorted(canary for canary in foreign if canary in answer.text)
                    told = f"GET {path} by {name}: {seen}"
                    found.expect(answer.status_code in {200, 303} and not seen, answer, told)
        return found

    def owned(self) -> Findings:
        """The control of all this: the same requests on one's own things are no refusals."""
        found = Findings()
        for name, organisation_id, caller, admits in self.callers():
            if organisation_id in UNITS[1:]:
                continue  # units are alike: one of them is enough
            things = self.tenants.things[organisation_id]
            for method, path, policy, body in self.operations():
                if admits(policy) and sorts(path, body) <= {sort for sort, thing in things.items() if thing}:
                    answer = caller(method, address(path, things), **filled(body, things))
                    right = answer.status_code < 500 and answer.status_code not in {401, 403, 404}
                    found.expect(right, answer, f"{method} {path} by {name} on their own")
        return found

    def _refused(
        self, found: Findings, caller: Caller, method: str, path: str, body: Any, organisation_id: str, told: str
    ) -> None:
        """By the policy: whether the thing is there or not, own or not, the answer is the same."""
        theirs = self.tenants.things[organisation_id]
        for things in (MISSING | theirs, MISSING, MISSING | self.tenants.things["linhai"]):
            answer = caller(method, address(path, things), **filled(body, MISSING | things))
            found.expect(answer.status_code == 403, answer, told)
            if not sorts(path, body):
                return

    def _others(self, organisation_id: str, named: set[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Things that are not there, and those of every organisation that has all of these sorts."""
        if not named:
            return
        yield "that is not there", MISSING
        own = self.tenants.things[organisation_id]
        for other, things in self.tenants.things.items():
            has = all(things.get(sort) for sort in named)
            if has and other != organisation_id and all(things[sort] != own.get(sort) for sort in named):
                yield f"of {other}", things

    def _mixed(self, found: Findings, caller: Caller, organisation_id: str, name: str) -> None:
        own = self.tenants.things[organisation_id]
        for other in UNITS:
            if other != organisation_id:
                for method, path, body in MIXED:
                    theirs = self.tenants.things[other]
                    answer = caller(method, filled(path, theirs, own), **filled(body, theirs, own))
                    found.expect(answer.status_code == 404, answer, f"{method} {path} by {name} with {other}'s")
