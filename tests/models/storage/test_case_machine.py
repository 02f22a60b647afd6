"""A case lead under any sequence of acts: none that the rules forbid ever happens, none that they allow is refused.

The rules are written down here a second time, as pairs, so that a slip in the table is seen. The full size, 200 runs of
500 steps, is in `make soak`. The negative control is a store whose table has one transition too many.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.case_leads import Amendment, CaseAct, CaseOperator, CaseResult, CaseState, Ground, Move, states
from models.case_leads.keeping import CaseQuery
from models.errors import ConflictError, InputError
from models.storage import SqlStore, StoreSettings, open_store
from tests.models.storage.samples import at, suspicious

# (state, act, state after), once more and independently of `CASE_TRANSITIONS`.
LAWFUL = {
    ("registered", "verify", "verifying"),
    ("registered", "extend", "registered"),
    ("registered", "suspend", "registered"),
    ("registered", "resume", "registered"),
    ("registered", "withdraw", "closed"),
    ("verifying", "extend", "verifying"),
    ("verifying", "suspend", "verifying"),
    ("verifying", "resume", "verifying"),
    ("verifying", "hand-over", "handed-over"),
    ("verifying", "file", "filed"),
    ("verifying", "not-file", "not-filed"),
    ("verifying", "withdraw", "closed"),
    ("handed-over", "return", "returned"),
    ("handed-over", "file", "filed"),
    ("handed-over", "not-file", "not-filed"),
    ("handed-over", "withdraw", "closed"),
    ("returned", "verify", "verifying"),
    ("returned", "suspend", "returned"),
    ("returned", "resume", "returned"),
    ("returned", "withdraw", "closed"),
    ("filed", "close", "closed"),
    ("filed", "withdraw", "closed"),
    ("not-filed", "verify", "verifying"),
    ("not-filed", "close", "closed"),
    ("not-filed", "withdraw", "closed"),
    ("closed", "withdraw", "closed"),
}
AMENDED_IN = {"registered", "verifying", "handed-over", "returned", "filed", "not-filed"}
REGROUPED_IN = {"registered", "verifying", "returned"}
MOVING = [act for act in CaseAct if act not in {"register", "amend", "split", "merge", "merge-away"}]
RESULTS = {CaseAct.CLOSE: CaseResult.ACTION_TAKEN}
MOST_CASES = 16
KINDS = [*["forward"] * 8, *["move"] * 6, "stale", "amend", "amend", "split", "merge"]


class Machine(RuleBasedStateMachine):
    """The store beside a model of it that knows, for each number, its state, result, revision, leads and digests."""

    store: ClassVar[SqlStore]
    runs: ClassVar[int] = 0
    tried: ClassVar[dict[str, int]] = {}

    @initialize()
    def begin(self) -> None:
        type(self).runs += 1
        self.organisation = f"run-{type(self).__name__}-{self.runs}"
        self.model: dict[str, dict[str, Any]] = {}
        self.made = 0
        self.clock = 0.0
        self.failed = False
        self.register()

    def now(self) -> Any:
        self.clock += 1
        return at(self.clock)

    @precondition(lambda self: len(self.model) < MOST_CASES)
    @rule(leads=st.integers(1, 3))
    def register(self, leads: int = 2) -> None:
        screenings = [suspicious(self.made + n, self.organisation) for n in range(leads)]
        self.made += leads
        self.store.screenings.record(screenings)
        revisions = {each.subject.key.token: 0 for each in screenings}
        made = self.store.case_leads.register(self.organisation, revisions, by="li", at=self.now())
        self.add(made.case_number, "registered", set(revisions), made.dossier_digest)

    def add(self, number: str, state: str, leads: set[str], digest: str, extended: bool = False) -> None:
        assert number not in self.model
        self.model[number] = {
            "state": state, "result": None, "revision": 0, "leads": leads, "digests": [digest],
            "second": False, "extended": extended, "suspended": False,
        }  # fmt: skip

    def choose(self, pick: int) -> str:
        """Mostly one that is still open."""
        live = sorted(number for number, case in self.model.items() if case["state"] != "closed" or pick % 5 == 0)
        return (live or sorted(self.model))[pick % len(live or self.model)]

    @rule(kind=st.sampled_from(KINDS), pick=st.integers(0, 99), choice=st.integers(0, 99))
    def step(self, kind: str, pick: int, choice: int) -> None:
        """One act of a kind, on one case lead; kinds that get further are drawn more often."""
        if kind == "forward":
            self.forward(pick, choice)
        elif kind == "move":
            self.move(pick, MOVING[choice % len(MOVING)], stale=False)
        elif kind == "stale":
            self.move(pick, MOVING[choice % len(MOVING)], stale=True)
        elif kind == "amend":
            self.amend(pick, choice % 2 == 0)
        elif kind == "split":
            self.split(pick, choice % 5)
        else:
            self.merge(pick, pick + choice % len(self.model))

    def move(self, pick: int, act: CaseAct, *, stale: bool) -> None:
        number = self.choose(pick)
        case = self.model[number]
        after = next((end for start, name, end in LAWFUL if (start, name) == (case["state"], act.value)), None)
        may = after is not None and case["result"] not in {"merged", "withdrawn"} and not stale
        may = may and not (act is CaseAct.HAND_OVER and not case["second"])
        may = may and not (act is CaseAct.EXTEND and case["extended"])
        may = may and (act in {CaseAct.RESUME, CaseAct.WITHDRAW} if case["suspended"] else act is not CaseAct.RESUME)
        asked = Move(act=act, reason="因为", receiver="甲局", result=RESULTS.get(act), ground=Ground.TESTING)
        if self.happens(may, "move", lambda revision: self.store.case_leads.move(
            self.organisation, number, asked, revision=revision, by="li", at=self.now()
        ), case["revision"] - stale):  # fmt: skip
            case["state"], case["revision"] = after, case["revision"] + 1
            case["extended"] = case["extended"] or act is CaseAct.EXTEND
            case["suspended"] = act is CaseAct.SUSPEND
            if act in {CaseAct.CLOSE, CaseAct.WITHDRAW}:
                case["result"] = "withdrawn" if act is CaseAct.WITHDRAW else "action-taken"

    def forward(self, pick: int, choice: int) -> None:
        """A lawful act that does not end the case lead: acts drawn blindly seldom get far."""
        case = self.model[self.choose(pick)]
        state = case["state"]
        ways = sorted(
            CaseAct(name)
            for start, name, end in LAWFUL
            if start == state and end != "closed" and (name == "resume") == case["suspended"]
        )
        if ways:
            self.move(pick, ways[choice % len(ways)], stale=False)

    def amend(self, pick: int, second: bool) -> None:
        number = self.choose(pick)
        case = self.model[number]
        amendment = Amendment(
            reason="补", second_officer="wu" if second else None, operator=CaseOperator(basis="同一执照")
        )
        if self.happens(case["state"] in AMENDED_IN, "amend", lambda revision: self.store.case_leads.amend(
            self.organisation, number, amendment, revision=revision, by="li", at=self.now()
        ), case["revision"]):  # fmt: skip
            case["revision"] += 1
            case["second"] = case["second"] or second
            case["digests"].append(self.store.case_leads.get(self.organisation, number).dossier_digest)

    def split(self, pick: int, take: int) -> None:
        number = self.choose(pick)
        case = self.model[number]
        leads = sorted(case["leads"])[:take]
        may = case["state"] in REGROUPED_IN and not case["suspended"] and 0 < len(leads) < len(case["leads"])
        made = self.happens(may, "split", lambda revision: self.store.case_leads.split(
            self.organisation, number, tuple(leads), reason="分", revision=revision, by="li", at=self.now()
        ), case["revision"])  # fmt: skip
        if made:
            case["revision"] += 1
            case["leads"] -= set(leads)
            case["digests"].append(self.store.case_leads.get(self.organisation, number).dossier_digest)
            self.add(made.case_number, case["state"], set(leads), made.dossier_digest, case["extended"])
            self.model[made.case_number]["second"] = case["second"]

    def merge(self, pick: int, other: int) -> None:
        into, gone = self.choose(pick), self.choose(other)
        kept, closed = self.model[into], self.model[gone]
        may = into != gone and kept["state"] in REGROUPED_IN and closed["state"] in REGROUPED_IN
        may = may and not kept["suspended"] and not closed["suspended"]
        revisions = {into: kept["revision"], gone: closed["revision"]}
        if self.happens(may, "merge", lambda _: self.store.case_leads.merge(
            self.organisation, into, revisions, reason="并", by="li", at=self.now()
        ), 0):  # fmt: skip
            kept["revision"] += 1
            kept["leads"] |= closed["leads"]
            kept["digests"].append(self.store.case_leads.get(self.organisation, into).dossier_digest)
            closed.update(state="closed", result="merged", revision=closed["revision"] + 1)

    def happens(self, may: bool, what: str, act: Any, revision: int) -> Any:
        """Do it; it must succeed exactly when it may. What it returned, or None."""
        self.tried[f"{what} {'done' if may else 'refused'}"] = (
            self.tried.get(f"{what} {'done' if may else 'refused'}", 0) + 1
        )
        try:
            made = act(revision)
        except (ConflictError, InputError):
            self.failed = may
            assert not may, f"{what} was refused although the rules allow it"
            return None
        self.failed = not may
        assert may, f"{what} happened although the rules forbid it"
        return made

    @invariant()
    def the_store_agrees(self) -> None:
        page = self.store.case_leads.find(self.organisation, CaseQuery(limit=200))
        seen = {case.case_number: case for case in page.cases}
        assert set(seen) == set(self.model)
        for number, case in self.model.items():
            now = seen[number]
            assert (now.state, now.result, now.revision, now.version) == (
                case["state"], case["result"], case["revision"], len(case["digests"])
            )  # fmt: skip

    def teardown(self) -> None:
        """Every version ever made still reads and verifies, and every lead is in one open case lead at most."""
        filed: list[str] = []
        if self.failed:
            return
        for number, case in self.model.items():
            told = self.store.case_leads.versions(self.organisation, number)
            assert [each.dossier_digest for each in told] == case["digests"]
            events = self.store.case_leads.events(self.organisation, number)
            assert [event.revision for event in events] == list(range(case["revision"], -1, -1))
            if case["result"] != "merged":
                filed += case["leads"]
        assert len(filed) == len(set(filed)) == self.made


@pytest.fixture(scope="module")
def machine_store(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    file = tmp_path_factory.mktemp("machine") / "store.sqlite"
    shutil.copy(migrated_file, file)
    opened = open_store(StoreSettings(url=f"sqlite:///{file}"))
    yield opened
    opened.close()


def drive(store: SqlStore, runs: int, steps: int) -> dict[str, int]:
    """Run the machine; how often each act was done and refused."""

    class Made(Machine):
        pass

    Made.store, Made.runs, Made.tried = store, 0, {}
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Made,
        settings=settings(
            max_examples=runs, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    return Made.tried


def test_no_unlawful_transition_in_a_few_runs(machine_store: SqlStore) -> None:
    tried = drive(machine_store, 8, 40)
    assert min(tried["move done"], tried["move refused"], tried["amend done"]) >= 10, tried


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_no_unlawful_transition_in_two_hundred_runs_of_five_hundred_steps(machine_store: SqlStore) -> None:
    tried = drive(machine_store, 200, 500)
    print(tried)  # noqa: T201  the figure that the test is for
    assert all(
        tried[f"{what} {how}"] > 100 for what in ("move", "amend", "split", "merge") for how in ("done", "refused")
    )


def test_a_transition_too_many_is_caught(machine_store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a case lead just registered could be filed without verification."""
    wrong = {state: dict(acts) for state, acts in states.CASE_TRANSITIONS.items()}
    wrong[CaseState.REGISTERED][CaseAct.FILE] = CaseState.FILED
    monkeypatch.setattr(states, "CASE_TRANSITIONS", wrong)
    loose = settings(
        max_examples=8, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )  # fmt: skip
    made = type("Machine", (Machine,), {"store": machine_store, "runs": 10_000, "tried": {}})
    with pytest.raises(AssertionError, match="although the rules forbid it"):
        run_state_machine_as_test(made, settings=loose)  # type: ignore[no-untyped-call]
