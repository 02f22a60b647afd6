"""Reading the rules: the shipped tables, and a user's own laid over them.

Owns the form of the files. An override has the same form as `detectors/triage/data/*.toml`: a table for a fact changes
the fields it names, and the tables of `policy.toml` (`operating_point`, `look`, `repeat`, `relation`,
`counterfacts`) may stand
in any file. A fact that is not shipped is refused: it would be a slip of the pen, and no detector tells it.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from detectors.triage.rules import POLICY, FactRule, Policy, Rules, checked_rules
from models.errors import ConfigurationError

# What an override may say of a fact. What it stands for is the detector's to say.
OVERRIDABLE = frozenset({"weight", "alone", "by_relation", "beside", "unless"})


@cache
def rules() -> Rules:
    """The shipped rules, read once, on first use. Raises `ConfigurationError` with the file and field at fault."""
    return read_rules(shipped_texts())


def rules_version() -> str:
    """Names the shipped rules: equal versions give equal findings equal assessments."""
    return rules().version


def shipped_texts() -> dict[str, str]:
    """The tables' texts by file name."""
    folder = resources.files("detectors.triage").joinpath("data")
    return {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")}


def overridden(overrides: Mapping[str, str]) -> Rules:
    """The shipped rules with a user's own files, by name, laid over them in the order of their names. Without files:
    the shipped rules, of the same version."""
    return read_rules(shipped_texts(), overrides) if overrides else rules()


def read_rules(texts: Mapping[str, str], overrides: Mapping[str, str] | None = None) -> Rules:
    """Rules from the tables' texts by file name: `policy.toml`, and one file of facts for each detector. Raises
    `ConfigurationError`."""
    tables = {name: _parse(name, text) for name, text in sorted(texts.items())}
    if POLICY not in tables:
        raise ConfigurationError("the table of operating points is missing", where=POLICY)
    policy = tables.pop(POLICY)
    facts: dict[str, dict[str, Any]] = {}
    places: dict[str, str] = {}
    for name, table in tables.items():
        for fact, fields in table.items():
            if fact in facts:
                raise ConfigurationError(f"fact {fact!r} is weighed twice", where=name)
            facts[fact], places[fact] = fields, f"{name} [{fact}]"
    for name, text in sorted((overrides or {}).items()):
        _lay_over(_parse(name, text), name, policy, facts, places)
    return checked_rules(_policy(policy), {fact: _fact(fields, places[fact]) for fact, fields in facts.items()})


def _lay_over(
    table: dict[str, Any], name: str, policy: dict[str, Any], facts: dict[str, dict[str, Any]], places: dict[str, str]
) -> None:
    for key, fields in table.items():
        where = f"{name} [{key}]"
        if key in Policy.model_fields:
            policy[key] = _merged(policy.get(key), fields)
            continue
        if key not in facts:
            raise ConfigurationError(f"no shipped fact is called {key!r}", where=where, mend="see docs/triage.md")
        if not isinstance(fields, dict):
            raise ConfigurationError("a fact is a table of its fields", where=where)
        if set(fields) - OVERRIDABLE:
            raise ConfigurationError(
                f"an override may not change {min(set(fields) - OVERRIDABLE)!r}",
                where=where,
                mend=f"it may change {', '.join(sorted(OVERRIDABLE))}",
            )
        facts[key], places[key] = {**facts[key], **fields}, where


def _merged(below: object, above: object) -> object:
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
    return above


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigurationError(f"not TOML: {fault}", where=name) from None


def _policy(table: dict[str, Any]) -> Policy:
    try:
        return Policy.model_validate(table)
    except ValidationError as fault:
        raise ConfigurationError(_first(fault), where=POLICY) from None


def _fact(fields: object, where: str) -> FactRule:
    try:
        return FactRule.model_validate(fields)
    except ValidationError as fault:
        raise ConfigurationError(_first(fault), where=where) from None


def _first(fault: ValidationError) -> str:
    error = fault.errors()[0]
    return f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
