"""The decision drive: officers decide at a steady pace while the API and PostgreSQL are killed under them, again and
again; then the judge looks.

Every kill is a SIGKILL that waits for a while of answered decisions. A kill counts as a hit when requests were under
way that got no answer or a 503 by it: a drive without hits proves nothing.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.jianzhen.deciding.installation import Installation
from tests.jianzhen.deciding.judging import Finding, judge
from tests.jianzhen.deciding.officers import Journal, Officer
from tests.servers.postgres import PostgresServer

API, POSTGRES = "api", "postgres"


@dataclass(frozen=True)
class Plan:
    """Who is killed, in turn; how many officers decide how often in all; how long they decide in between."""

    victims: Sequence[str]
    leads: int
    officers: int = 16
    a_second: float = 200.0
    between_s: float = 1.0
    away_s: float = 0.3
    patience_s: float = 1.5


@dataclass
class Report:
    """What the drive did and what the judge found."""

    finding: Finding
    journal: Journal
    kills: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    """Kills that struck requests under way."""
    struck: int = 0
    """Requests under way when something was killed that got no answer or a 503."""
    back_s: list[float] = field(default_factory=list)
    """From the victim's being up again to the next 2xx."""
    rate: float = 0.0
    """Decisions answered a second while nothing was away."""

    def __str__(self) -> str:
        journal = self.journal
        return (
            f"{sum(count for _, count in journal.answered_at)} decisions in {len(journal.answered)} answers, "
            f"{len(journal.seen)} seen done, {journal.replayed} replayed, statuses {dict(journal.statuses)}, "
            f"{sum(blow.status == 0 for blow in journal.blows)} unanswered; "
            f"kills {dict(self.kills)}, hits {dict(self.hits)}, {self.struck} struck; "
            f"{self.rate:.0f} a second, back after {max(self.back_s, default=0):.2f} s at most; {self.finding}"
        )


def drive(installation: Installation, plan: Plan, server: PostgresServer | None = None) -> Report:
    """Run the plan on an installation that is prepared by it, and judge."""
    chance, journal = random.Random(len(plan.victims)), Journal()
    leads = installation.prepare(plan.leads)
    installation.start()
    officers = _officers(installation, plan, leads, journal)
    report = Report(Finding(0, 0, 0, 0, 0, 0, 0), journal)
    calm: list[tuple[float, float]] = []
    try:
        for officer in officers:
            officer.start()
        for victim in plan.victims:
            calm.append(_calm(journal, plan.between_s + chance.uniform(0, plan.between_s / 4)))
            report.kills[victim] += 1
            _strike(installation, victim, plan, server, report)
        calm.append(_calm(journal, plan.between_s))
    finally:
        for officer in officers:
            officer.stop()
        for officer in officers:
            officer.join(60)
        installation.kill()
    assert not any(officer.is_alive() for officer in officers)
    report.rate = _rate(journal, calm)
    report.finding = judge(installation, journal)
    return report


def _officers(installation: Installation, plan: Plan, leads: Sequence[str], journal: Journal) -> list[Officer]:
    return [
        Officer(
            f"officer-{number}",
            installation.officer(f"officer-{number}"),
            installation.port,
            leads[number :: plan.officers],
            journal,
            every_s=plan.officers / plan.a_second,
            patience_s=plan.patience_s,
        )
        for number in range(plan.officers)
    ]


def _calm(journal: Journal, seconds: float) -> tuple[float, float]:
    """Wait until decisions have been answered for so long; from when to when."""
    before, deadline = len(journal.answered_at), time.monotonic() + 60
    while len(journal.answered_at) == before:
        assert time.monotonic() < deadline, "nothing is answered any more"
        time.sleep(0.01)
    began = time.monotonic()
    time.sleep(seconds)
    return began, time.monotonic()


def _strike(installation: Installation, victim: str, plan: Plan, server: PostgresServer | None, report: Report) -> None:
    journal = report.journal
    struck_at = time.monotonic()
    if victim == API:
        installation.kill()
        time.sleep(plan.away_s)
        installation.start()
    else:
        assert server is not None
        server.kill_with_children()
        time.sleep(plan.away_s)
        server.start()
    up_at = time.monotonic()
    report.back_s.append(_calm(journal, 0)[0] - up_at)
    under_way = [blow for blow in journal.blows if blow.sent_at <= struck_at < blow.known_at]
    report.struck += len(under_way)
    report.hits[victim] += bool(under_way)


def _rate(journal: Journal, calm: Sequence[tuple[float, float]]) -> float:
    seconds = sum(end - begin for begin, end in calm)
    return sum(count for at, count in journal.answered_at if any(begin <= at < end for begin, end in calm)) / seconds
