"""The rules of triage as data: what each fact weighs, where the operating point lies, what a legal cell is worth.

Owns the checked table and the version that names it. Leaves its reading to `detectors.triage.reading` and the adding
up to `detectors.triage.weighing`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.errors import ConfigurationError
from models.findings import Stance
from models.identity import digest
from models.registry import Fame
from models.values import Value

# Raised by hand when the adding up itself changes; the tables speak for themselves.
CODE_VERSION = "2"
POLICY = "policy.toml"

Relation = Literal["same", "similar", "unrelated", "unknown"]
Kind = Literal["listing", "parcel"]


class FactRule(Value):
    """What one fact weighs: points for a finding whose own score is 1; negative when it speaks against.

    `group` names what the fact is a sight of: of several findings on one mark in one group only the strongest counts
    whole. `by_relation` scales the weight by how the listing's goods relate to the mark's. `beside` names facts or
    groups of which one must be present on the same mark (or on none), otherwise `alone` replaces the weight. `unless`
    names facts or groups of which none may be present there, otherwise the fact counts for nothing.
    """

    weight: float
    stance: Stance
    group: str
    by_relation: bool = False
    beside: tuple[str, ...] = ()
    alone: float = 0.0
    unless: tuple[str, ...] = ()

    @model_validator(mode="after")
    def sign_follows_stance(self) -> "FactRule":
        for weight in (self.weight, self.alone):
            if (weight < 0) if self.stance is Stance.FOR else (weight > 0):
                raise ValueError(f"weight {weight} contradicts the stance {self.stance.value!r}")
        return self


class Counterfact(Value):
    """Something that could hold but was not seen: the condition's code and the fact that would then be found, or
    `voids_mark` when the leading mark would count for nothing. `answers` limits it to subjects with one of those
    facts for; empty answers any."""

    condition: str
    kinds: frozenset[Kind] = frozenset({"listing"})
    fact: str = ""
    answers: tuple[str, ...] = ()
    voids_mark: bool = False
    needs_mark: bool = True


class LookRule(Value):
    """When words in pictures are asked for: see `detectors.triage.looking`. `groups` and `settled` name facts' groups
    or facts. The defaults never ask."""

    least: float = 0.0
    below: float = 0.0
    groups: tuple[str, ...] = ()
    from_score: Annotated[float, Field(ge=0, le=1)] = 1.0
    settled: tuple[str, ...] = ()


class Policy(Value):
    """Everything that is not the weight of a single fact."""

    operating_point: dict[Kind, Annotated[float, Field(gt=0)]]
    repeat: dict[str, Annotated[float, Field(ge=0, le=1)]]
    relation: dict[Relation, dict[Fame, Annotated[float, Field(ge=0)]]]
    counterfacts: tuple[Counterfact, ...]
    look: LookRule = LookRule()


class Rules(Value):
    """The whole of the policy, checked against itself, and the version that names it."""

    version: str
    policy: Policy
    facts: dict[str, FactRule]

    def rule(self, fact: str, stance: Stance) -> FactRule:
        """The rule of a fact. Raises `ConfigurationError` for a fact that has none, or when a detector's stance and
        the table's differ: a finding is never dropped in silence."""
        found = self.facts.get(fact)
        if found is None:
            raise ConfigurationError(f"no weight for fact {fact!r}", mend="add it to detectors/triage/data")
        if found.stance is not stance:
            raise ConfigurationError(
                f"fact {fact!r} is told {stance.value!r} by its detector and {found.stance.value!r} by the table",
                mend="make detectors/triage/data agree with the detector",
            )
        return found

    def relation_factor(self, relation: Relation, fame: Fame) -> float:
        """What a fact scaled by the relation of the goods is worth: 1 is whole."""
        return self.policy.relation[relation][fame]

    def operating_point(self, kind: str) -> float:
        """The score from which a subject of this kind is flagged."""
        for known, point in self.policy.operating_point.items():
            if known == kind:
                return point
        raise ConfigurationError(f"no operating point for subjects of kind {kind!r}", where=POLICY)

    def with_points(self, points: Mapping[str, float]) -> "Rules":
        """The same rules with an organisation's own operating points, by kind; kinds left out keep the shipped one.
        The version stays: it names the weights, and the points are named by the context that brings them."""
        known = {kind: points.get(kind, shipped) for kind, shipped in self.policy.operating_point.items()}
        if known == self.policy.operating_point:
            return self
        return self.model_copy(update={"policy": self.policy.model_copy(update={"operating_point": known})})


def checked_rules(policy: Policy, facts: dict[str, FactRule]) -> Rules:
    """The rules made of these tables. Raises `ConfigurationError` where they contradict each other."""
    _check(policy, facts)
    told = {fact: rule.content() for fact, rule in facts.items()}
    return Rules(version=digest("triage", CODE_VERSION, policy.content(), told), policy=policy, facts=facts)


def _check(policy: Policy, facts: dict[str, FactRule]) -> None:
    groups = {rule.group for rule in facts.values()}
    if set(policy.repeat) - groups:
        raise ConfigurationError(f"no fact is in group {min(set(policy.repeat) - groups)!r}", where=POLICY)
    for named in (policy.look.groups, policy.look.settled):
        if set(named) - groups - set(facts):
            raise ConfigurationError(
                f"look names {min(set(named) - groups - set(facts))!r}, which is unknown here", where=POLICY
            )
    for fact, rule in facts.items():
        unknown = {*rule.beside, *rule.unless} - groups - set(facts)
        if unknown:
            raise ConfigurationError(f"{fact!r} names {min(unknown)!r}, which is neither a fact nor a group")
        if {fact, rule.group} & set(rule.unless):
            raise ConfigurationError(f"{fact!r} would yield to itself", where="unless")
    for relation in ("same", "similar", "unrelated", "unknown"):
        if set(policy.relation.get(relation, {})) != set(Fame):
            raise ConfigurationError(f"relation.{relation} needs a factor for each of {', '.join(Fame)}", where=POLICY)
    for counterfact in policy.counterfacts:
        if set(counterfact.answers) - set(facts):
            raise ConfigurationError(f"counterfact {counterfact.condition!r} answers a fact unknown here", where=POLICY)
        told = facts.get(counterfact.fact)
        if not counterfact.voids_mark and (told is None or told.stance is not Stance.AGAINST):
            raise ConfigurationError(
                f"counterfact {counterfact.condition!r} needs a fact that speaks against", where=POLICY
            )
