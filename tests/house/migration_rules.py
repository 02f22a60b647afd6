"""What a revision may say to PostgreSQL so that others go on working meanwhile, and so that the version before still
works afterwards. The policy is the one table below; `test_migrations.py` applies it.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Rule(NamedTuple):
    """What is refused on a table that was there before the revision, and what to do instead."""

    pattern: str
    instead: str


NAME = r'"?(?:IF NOT EXISTS )?"?'
VOLATILE = r"random|clock_timestamp|timeofday|gen_random_uuid|uuid_generate|nextval|statement_timestamp"
TABLE = r'(?:ONLY )?(?:IF EXISTS )?"?(?P<table>\w+)"?'

RULES = (
    Rule(rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON {TABLE}", "make it with `models.storage.live.add_index`"),
    Rule(r"DROP INDEX (?!CONCURRENTLY)", "drop it concurrently"),
    Rule(r"REINDEX (?!.*CONCURRENTLY)", "reindex concurrently"),
    Rule(rf"ALTER TABLE {TABLE} ADD COLUMN .*DEFAULT.*\b(?:{VOLATILE})\b", "every row is written anew: fill it later"),
    Rule(rf"ALTER TABLE {TABLE} ADD COLUMN .*(?:\bSERIAL\b|GENERATED )", "every row is written anew: fill it later"),
    Rule(
        rf"ALTER TABLE {TABLE} ADD COLUMN (?=.*NOT NULL)(?!.*DEFAULT)",
        "the version before writes rows without it: give it a default",
    ),
    Rule(rf"ALTER TABLE {TABLE} ALTER COLUMN .* TYPE ", "every row is written anew: add a column, fill it, read that"),
    Rule(
        rf'ALTER TABLE {TABLE} ALTER COLUMN "?(?P<column>\w+)"? SET NOT NULL',
        "every row is looked at: first add a CHECK NOT VALID named ck_TABLE_COLUMN_not_null, and validate it",
    ),
    Rule(rf"ALTER TABLE {TABLE} ADD (?:CONSTRAINT \S+ )?(?:FOREIGN KEY|CHECK)(?!.*NOT VALID)", "add it NOT VALID"),
    Rule(rf"ALTER TABLE {TABLE} ADD (?:CONSTRAINT \S+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)(?! USING INDEX)", "USING INDEX"),
    Rule(rf"ALTER TABLE {TABLE} (?:DROP|RENAME)", "the version before still reads it: leave it for the version after"),
    Rule(rf"DROP TABLE {TABLE}", "the version before still reads it: leave it for the version after"),
    Rule(rf"ALTER TABLE {TABLE} SET (?:TABLESPACE|LOGGED|UNLOGGED)", "every row is written anew"),
    Rule(rf"UPDATE {TABLE} SET", "rows are filled by a command, portion by portion"),
    Rule(rf"DELETE FROM {TABLE}", "rows are removed by a command, portion by portion"),
    Rule(rf"(?:TRUNCATE|LOCK TABLE|VACUUM FULL|CLUSTER) (?:TABLE )?{TABLE}", "nobody could work meanwhile"),
)
STRONG = re.compile(rf"(?:ALTER TABLE|CREATE TRIGGER .* ON|CREATE POLICY .* ON) {TABLE}", re.IGNORECASE)
MADE = re.compile(rf'CREATE TABLE {NAME}(?P<table>\w+)"?', re.IGNORECASE)
VALIDATED = re.compile(r"VALIDATE CONSTRAINT \"?(\w+)\"?", re.IGNORECASE)
OURS = frozenset({"alembic_version"})


def faults(statements: Iterable[str], *, validated: frozenset[str] = frozenset()) -> list[str]:
    """What of this one revision's statements is refused. `validated` names constraints of earlier revisions that hold
    for every row."""
    said = [" ".join(each.split()) for each in statements]
    made = {found["table"] for each in said if (found := MADE.match(each))} | OURS
    found = [fault for each in said for fault in _refused(each, made, validated)]
    held = {match["table"] for each in said if (match := STRONG.match(each))} - made
    if len(held) > 1:
        found.append(
            f"locks on {', '.join(sorted(held))} at once: whoever works with both in the other order deadlocks"
        )
    if held and any("CONCURRENTLY" in each.upper() for each in said):
        found.append("an index beside traffic and another change in one revision: a revision is one or the other")
    return found


def validated_by(statements: Iterable[str]) -> frozenset[str]:
    """The constraints that these statements have validated."""
    return frozenset(name for each in statements for name in VALIDATED.findall(each))


def _refused(statement: str, made: set[str], validated: frozenset[str]) -> Iterable[str]:
    for rule in RULES:
        match = re.match(rule.pattern, statement, re.IGNORECASE)
        if match is None:
            continue
        named = match.groupdict()
        if named.get("table") in made:
            continue
        if "column" in named and f"ck_{named['table']}_{named['column']}_not_null" in validated:
            continue
        yield f"{statement!r}: {rule.instead}"
