"""Rules of wording as data: words and patterns with what they rest on, shipped and of the user's own.

Owns reading and checking `data/*.toml` and files of the same shape that a user adds. Leaves finding the words to
`detectors.wording.matching` and what a fact weighs to `detectors.triage`.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from detectors.wording.lines import plainly
from models.errors import ConfigurationError
from models.identity import digest
from models.values import Value

Fact = Literal[
    "counterfeit-wording",
    "contact-diversion",
    "claim-absolute",
    "claim-medical",
    "claim-state",
    "claim-endorsed",
    "authenticity-promised",
]
Words = tuple[Annotated[str, Field(min_length=1)], ...]
SHIPPED = ("counterfeit.toml", "contact.toml", "claims.toml", "honest.toml")


class Rule(Value):
    """One idea and the words for it. `score` 0..1 is how surely they say it. `disguise` also finds the words in other
    characters of the same sound; `not_behind`, `not_before` and `not_with` are honest uses: right before the words,
    right behind them, anywhere in the field or the category."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    fact: Fact
    score: Annotated[float, Field(gt=0, le=1)]
    words: Words = ()
    pattern: str = ""
    disguise: bool = True
    not_behind: Words = ()
    not_before: Words = ()
    not_with: Words = ()
    basis: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    example: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if bool(self.words) == bool(self.pattern):
            raise ValueError("a rule has either words or a pattern")
        if self.pattern:
            try:
                compiled = re.compile(self.pattern)
            except re.error as fault:
                raise ValueError(f"the pattern is no regular expression: {fault}") from None
            if compiled.match(""):
                raise ValueError("the pattern matches nothing at all")
        return self

    @cached_property
    def expression(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def honest_company(self) -> tuple[str, ...]:
        """`not_with` as a plain form reads it."""
        return tuple(plainly(word) for word in self.not_with)


class Denial(Value):
    """How sellers say that goods are no copies: words right before, up to a few letters ahead, and behind."""

    adjacent: Words = ()
    ahead: Words = ()
    behind: Words = ()


class WordingRules(Value):
    """Every rule in force, and the version that names them: a snapshot of a context, or the shipped rules."""

    rules: tuple[Rule, ...]
    denial: Denial = Denial()

    @cached_property
    def version(self) -> str:
        return digest("wording-rules", self.model_dump(mode="json"))


@cache
def shipped_rules() -> WordingRules:
    """The rules of this package, read once, on first use."""
    folder = resources.files("detectors.wording").joinpath("data")
    return read_rules({name: folder.joinpath(name).read_text("utf-8") for name in SHIPPED})


def with_own(texts: Mapping[str, str]) -> WordingRules:
    """The shipped rules and those of the user's own files (text by name). A rule of the same id replaces the shipped
    one. Raises `ConfigurationError` with the file and rule at fault."""
    own, shipped = read_rules(texts), shipped_rules()
    replaced = {rule.id for rule in own.rules}
    kept = tuple(rule for rule in shipped.rules if rule.id not in replaced)
    denial = Denial(
        adjacent=shipped.denial.adjacent + own.denial.adjacent,
        ahead=shipped.denial.ahead + own.denial.ahead,
        behind=shipped.denial.behind + own.denial.behind,
    )
    return WordingRules(rules=kept + own.rules, denial=denial)


def read_rules(texts: Mapping[str, str]) -> WordingRules:
    """Rules from TOML texts by file name: `[defaults]`, `[denial]` and `[[rules]]`."""
    rules: dict[str, Rule] = {}
    denial: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            raise ConfigurationError(f"不是 TOML / not TOML: {fault}", where=name) from None
        strange = sorted(table.keys() - {"defaults", "denial", "rules"})
        if strange:
            raise ConfigurationError(f"未知的表 / unknown table: {strange[0]}", where=name)
        denial.update(table.get("denial", {}))
        for place, entry in enumerate(table.get("rules", []), 1):
            rule = _validated(Rule, {**table.get("defaults", {}), **entry}, f"{name} [[rules]] {place}")
            if rule.id in rules:
                raise ConfigurationError(f"规则编号重复 / two rules are named {rule.id!r}", where=name)
            rules[rule.id] = rule
    return WordingRules(rules=tuple(rules.values()), denial=_validated(Denial, denial, "[denial]"))


def _validated(kind: type[Any], fields: object, where: str) -> Any:
    try:
        return kind.model_validate(fields)
    except ValidationError as fault:
        error = fault.errors(include_url=False)[0]
        told = f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}".lstrip(": ")
        raise ConfigurationError(told, where=where, mend="见 docs/formats.md / see docs/formats.md") from None
