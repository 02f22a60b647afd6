"""What would flip an assessment: the case against itself, computed and not guessed.

Owns the conditions under which a subject is weighed again: each finding against it set aside in turn, and each
declared counter-fact that was not seen. Leaves their wording to `models/data/explanations/triage.toml`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from detectors.triage.rules import Counterfact, Rules, rules
from detectors.triage.weighing import Weighing, weigh
from models.findings import Finding, Parameter, Stance
from models.leads import Flip
from models.registry import Registry
from models.subjects import AnySubject

SET_ASIDE = "if-not-so"


def what_would_flip(
    findings: Sequence[Finding], registry: Registry, as_of: datetime, subject: AnySubject
) -> tuple[Flip, ...]:
    """Score and flag under each condition, in a fixed order: findings against that did not hold (`if-not-so`, params
    `fact` and `finding_id`), then declared counter-facts in table order. Nothing follows from no findings for."""
    if all(finding.stance is Stance.AGAINST for finding in findings):
        return ()
    table = rules()
    point = table.operating_point(subject.key.kind)
    actual = weigh(findings, registry, table)
    outcomes = [*_set_aside(findings, actual, registry, table)]
    for counterfact in table.policy.counterfacts:
        if subject.key.kind in counterfact.kinds:
            outcomes += _supposed(counterfact, findings, actual, registry, as_of, table)
    return tuple(
        Flip(condition=condition, score=score, flagged=score >= point, params=params)
        for condition, score, params in outcomes
    )


Outcome = tuple[str, float, dict[str, Parameter]]


def _set_aside(findings: Sequence[Finding], actual: Weighing, registry: Registry, table: Rules) -> Iterator[Outcome]:
    counted = {line.finding.finding_id for line in actual.lines if line.points < 0}
    for aside in findings:
        if aside.finding_id in counted:
            rest = [finding for finding in findings if finding.finding_id != aside.finding_id]
            params: dict[str, Parameter] = {"fact": aside.fact, "finding_id": aside.finding_id}
            yield SET_ASIDE, weigh(rest, registry, table).score, params


def _supposed(
    counterfact: Counterfact,
    findings: Sequence[Finding],
    actual: Weighing,
    registry: Registry,
    as_of: datetime,
    table: Rules,
) -> Iterator[Outcome]:
    mark = actual.mark
    told = {line.finding.fact for line in actual.lines}
    if (counterfact.needs_mark and mark is None) or (counterfact.answers and told.isdisjoint(counterfact.answers)):
        return
    mark_id = mark.mark_id if mark else None
    params: dict[str, Parameter] = {"mark_id": mark.mark_id, "mark": mark.text} if mark else {}
    if counterfact.voids_mark:
        if mark is not None and mark.in_force(as_of):
            others = [finding for finding in findings if finding.mark_id != mark_id]
            yield counterfact.condition, weigh(others, registry, table).score, params
        return
    group = table.facts[counterfact.fact].group
    seen = (table.facts[finding.fact].group for finding in findings if finding.mark_id in (None, mark_id))
    if group in seen:
        return
    supposed = Finding.model_construct(
        finding_id="supposed",
        detector="triage",
        version=table.version,
        mark_id=mark_id,
        stance=Stance.AGAINST,
        score=1.0,
        fact=counterfact.fact,
        field="",
    )
    yield counterfact.condition, weigh([*findings, supposed], registry, table).score, params
