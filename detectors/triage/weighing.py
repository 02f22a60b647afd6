"""Weighing: findings on one subject added up by the rules.

Owns the points of each finding, the choice of the leading mark and its legal cell. Leaves the policy to
`detectors.triage.rules` and the operating point to `detectors.triage.assessment`.

Points are whole 64ths. Such numbers have at most six decimals and add up exactly in binary floating point, in any
order and in any subset, so contributions equal the score to the last bit: here, in a database's SUM, and in the share
that a rights holder sees of its own marks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from detectors.triage.rules import Relation, Rules
from models.errors import ConfigurationError
from models.findings import Finding, Stance
from models.leads import Cell, Contribution
from models.registry import Fame, Mark, Registry

GRAIN = 64
RELATIONS: dict[str, Relation] = {relation: relation for relation in get_args(Relation)}


class Line(NamedTuple):
    """One finding on the bill: its weight here, and its points. `factor` is what its rule's own weight was scaled by
    (the relation of the goods, the share of a further sight; 0 when it yields to another fact), and `alone` whether
    `alone` stood in for that weight."""

    finding: Finding
    weight: float
    points: float
    factor: float
    alone: bool


@dataclass(frozen=True)
class Weighing:
    """The findings that count, each with its points: those on the leading mark, then those on no mark."""

    score: float
    mark: Mark | None
    lines: tuple[Line, ...]

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        return tuple(
            Contribution(
                finding_id=line.finding.finding_id, fact=line.finding.fact, weight=line.weight, points=line.points
            )
            for line in self.lines
        )

    @property
    def cell(self) -> Cell | None:
        """The cell told by the weightiest finding that compares the mark itself; None when none does."""
        telling = [
            line
            for line in self.lines
            if line.finding.stance is Stance.FOR
            and line.finding.mark_id is not None
            and "nearness" in line.finding.params
        ]
        if not telling:
            return None
        finding = max(telling, key=lambda line: (line.points, line.finding.score, line.finding.finding_id)).finding
        return Cell(f"{finding.params['nearness']}-mark/{_relation(finding)}-goods")


def weigh(findings: Sequence[Finding], registry: Registry, table: Rules) -> Weighing:
    """Add up by mark; the leading mark is the one with the most points, the smaller id among equals."""
    shared = [finding for finding in findings if finding.mark_id is None]
    by_mark: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.mark_id is not None:
            by_mark.setdefault(finding.mark_id, []).append(finding)
    if not by_mark:
        return _add_up(shared, None, table)
    weighed = (_add_up([*by_mark[mark_id], *shared], _mark(registry, mark_id), table) for mark_id in sorted(by_mark))
    return max(weighed, key=lambda weighing: weighing.score)


def _add_up(findings: list[Finding], mark: Mark | None, table: Rules) -> Weighing:
    present = {table.rule(finding.fact, finding.stance).group for finding in findings}
    present |= {finding.fact for finding in findings}
    bases = {finding.finding_id: _base(finding, mark, present, table) for finding in findings}
    whole = {finding_id: base.weight * base.factor for finding_id, base in bases.items()}
    ranked = sorted(findings, key=lambda finding: (-abs(whole[finding.finding_id] * finding.score), finding.finding_id))
    lines: dict[str, Line] = {}
    seen: set[str] = set()
    for finding in ranked:
        group, base = table.facts[finding.fact].group, bases[finding.finding_id]
        share = table.policy.repeat.get(group, 0.0) if group in seen else 1.0
        seen.add(group)
        weight = round(whole[finding.finding_id] * share, 6)
        points = round(weight * finding.score * GRAIN) / GRAIN
        lines[finding.finding_id] = Line(finding, weight, points, base.factor * share, base.alone)
    told = tuple(lines[finding.finding_id] for finding in findings)
    return Weighing(sum((line.points for line in told), 0.0), mark, told)


class _Base(NamedTuple):
    """A finding's weight before the shares of further sights."""

    weight: float
    factor: float
    alone: bool


def _base(finding: Finding, mark: Mark | None, present: set[str], table: Rules) -> _Base:
    rule = table.rule(finding.fact, finding.stance)
    alone = bool(rule.beside) and present.isdisjoint(rule.beside)
    weight = rule.alone if alone else rule.weight
    if present.intersection(rule.unless):
        return _Base(weight, 0.0, alone)
    if not rule.by_relation:
        return _Base(weight, 1.0, alone)
    factor = table.relation_factor(_relation(finding), mark.fame if mark else Fame.ORDINARY)
    return _Base(weight, factor, alone)


def _relation(finding: Finding) -> Relation:
    """How the goods relate, as the detector told it; a finding that says nothing leaves it unknown."""
    told = finding.params.get("goods_relation", "unknown")
    relation = RELATIONS.get(str(told))
    if relation is not None:
        return relation
    raise ConfigurationError(f"goods_relation {told!r} of fact {finding.fact!r} is none of the known relations")


def _mark(registry: Registry, mark_id: str) -> Mark:
    mark = registry.mark_by_id.get(mark_id)
    if mark is None:
        raise ConfigurationError(
            f"a finding names mark {mark_id!r}, which this registry version does not hold",
            mend="assess findings with the registry they were made against",
        )
    return mark
