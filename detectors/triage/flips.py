"""What would flip an assessment: the case against itself, computed and not guessed.

Owns the conditions under which a subject is weighed again: each finding against it set aside in turn, each declared
counter-fact that was not seen, and the fewest facts on which the outcome rests. Leaves their wording to
`models/data/explanations/triage.toml`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from detectors.triage.reading import rules
from detectors.triage.rules import Counterfact, Rules
from detectors.triage.weighing import Weighing, weigh
from models.findings import Finding, Parameter, Stance
from models.leads import Flip
from models.registry import Registry
from models.subjects import AnySubject

SET_ASIDE = "if-not-so"
# What the outcome rests on: facts for, whose absence clears it; facts against, whose absence flags it.
RESTS_ON = {Stance.FOR: "if-suspicions-fall", Stance.AGAINST: "if-exclusions-fall"}
# Up to so many facts are tried in every combination; what rests on more is told greedily.
EXACT = 3


@dataclass(frozen=True)
class _Case:
    """What is weighed again and again: one subject's findings under one table."""

    findings: Sequence[Finding]
    registry: Registry
    as_of: datetime
    table: Rules
    point: float
    kind: str

    def score(self, findings: Sequence[Finding]) -> float:
        return weigh(findings, self.registry, self.table).score

    def without(self, facts: Sequence[str]) -> float:
        """The score when none of these facts had been told, on any mark."""
        return self.score([finding for finding in self.findings if finding.fact not in facts])


Outcome = tuple[str, float, dict[str, Parameter]]


def what_would_flip(
    findings: Sequence[Finding],
    registry: Registry,
    as_of: datetime,
    subject: AnySubject,
    table: Rules | None = None,
) -> tuple[Flip, ...]:
    """Score and flag under each condition, in a fixed order: findings against that did not hold (`if-not-so`, params
    `fact` and `finding_id`); declared counter-facts in table order; then the fewest facts on which the outcome rests
    (`if-suspicions-fall` when flagged, `if-exclusions-fall` when several facts against keep it from that; params
    `facts`, codes apart by spaces). Nothing follows from no findings for."""
    if all(finding.stance is Stance.AGAINST for finding in findings):
        return ()
    table = table or rules()
    kind = subject.key.kind
    case = _Case(findings, registry, as_of, table, table.operating_point(kind), kind)
    actual = weigh(findings, registry, table)
    outcomes = [*_set_aside(case, actual)]
    for counterfact in table.policy.counterfacts:
        if kind in counterfact.kinds:
            outcomes += _supposed(counterfact, case, actual)
    outcomes += _rests_on(case, actual)
    return tuple(
        Flip(condition=condition, score=score, flagged=score >= case.point, params=params)
        for condition, score, params in outcomes
    )


def _set_aside(case: _Case, actual: Weighing) -> Iterator[Outcome]:
    counted = {line.finding.finding_id for line in actual.lines if line.points < 0}
    for aside in case.findings:
        if aside.finding_id in counted:
            rest = [finding for finding in case.findings if finding.finding_id != aside.finding_id]
            params: dict[str, Parameter] = {"fact": aside.fact, "finding_id": aside.finding_id}
            yield SET_ASIDE, case.score(rest), params


def _supposed(counterfact: Counterfact, case: _Case, actual: Weighing) -> Iterator[Outcome]:
    mark = actual.mark
    told = {line.finding.fact for line in actual.lines}
    if (counterfact.needs_mark and mark is None) or (counterfact.answers and told.isdisjoint(counterfact.answers)):
        return
    mark_id = mark.mark_id if mark else None
    params: dict[str, Parameter] = {"mark_id": mark.mark_id, "mark": mark.text} if mark else {}
    if counterfact.voids_mark:
        if mark is not None and mark.in_force(case.as_of):
            others = [finding for finding in case.findings if finding.mark_id != mark_id]
            yield counterfact.condition, case.score(others), params
        return
    group = case.table.facts[counterfact.fact].group
    seen = (case.table.facts[finding.fact].group for finding in case.findings if finding.mark_id in (None, mark_id))
    if group in seen:
        return
    supposed = Finding.model_construct(
        finding_id="supposed",
        detector="triage",
        version=case.table.version,
        mark_id=mark_id,
        stance=Stance.AGAINST,
        score=1.0,
        fact=counterfact.fact,
        field="",
    )
    yield counterfact.condition, case.score([*case.findings, supposed]), params


def _rests_on(case: _Case, actual: Weighing) -> Iterator[Outcome]:
    """A single fact against is told by `if-not-so` already; a single fact for is not."""
    flagged = actual.score >= case.point
    stance = Stance.FOR if flagged else Stance.AGAINST
    fewest = _fewest(case, stance, flagged=flagged)
    if len(fewest) > (0 if flagged else 1):
        yield RESTS_ON[stance], case.without(fewest), {"facts": " ".join(fewest)}


def _fewest(case: _Case, stance: Stance, *, flagged: bool) -> tuple[str, ...]:
    """The fewest facts of that stance without which the outcome is the other one; of equally many those that move the
    score furthest, then by code. Empty when even all of them together change nothing."""
    told = {finding.fact for finding in case.findings if finding.stance is stance}
    facts = sorted(fact for fact in told if case.table.facts[fact].weight or case.table.facts[fact].alone)
    outward = 1 if flagged else -1

    def tried(chosen: tuple[str, ...]) -> tuple[bool, float, tuple[str, ...]]:
        """Whether the outcome stays, and how near to staying it is: the least is the furthest on the other side."""
        score = case.without(chosen)
        return (score >= case.point) is flagged, outward * score, chosen

    for size in range(1, min(EXACT, len(facts)) + 1):
        stays, _, chosen = min(tried(chosen) for chosen in combinations(facts, size))
        if not stays:
            return chosen
    chosen, stays = (), True
    while stays and len(chosen) < len(facts):
        stays, _, chosen = min(tried((*chosen, fact)) for fact in facts if fact not in chosen)
    return () if stays else tuple(sorted(chosen))
