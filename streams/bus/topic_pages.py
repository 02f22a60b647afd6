"""docs/topics.md, made from the declarations of `streams.bus.topics`.

`python -m streams.bus.topic_pages > docs/topics.md` writes it; a test compares the file with what is made here.
"""

import sys
from collections.abc import Iterator
from typing import Any

from streams.bus.topics import DECLARED, LARGEST_BODY, Declaration

DAY_MS = 86_400_000

HEAD = f"""# Topics

Made by `python -m streams.bus.topic_pages`; a test fails when this file is stale. The topics are declared in
`streams/bus/topics.py` and made by `jianzhen prepare`.

A message is one JSON object in UTF-8, at most {LARGEST_BODY} bytes for subjects:

```json
{{"schema": 1, "kind": "listing", "organisation_id": "local", "subject": {{"…": "…"}}}}
{{"schema": 1, "kind": "decision", "organisation_id": "local", "event": {{"event_id": "…", "at": "…", "…": "…"}}}}
```

Fields that have their default are left out. Messages of one key stay in order. Every message is delivered at least
once: a subject that comes twice changes nothing, and an event that comes twice has the same `event_id`. Messages of
earlier schemas are read (`streams/bus/versions.py`); a schema of the future is refused by dead letter and can be
replayed after an upgrade. New fields may appear within a schema: pass over those you do not know.

What the store has to tell lies in its outbox until `jianzhen relay` has published it.

On Kafka, `jianzhen prepare` makes every topic with these settings, and holds them against a topic that is there
(`streams/bus/kafka/upkeep.py`). What nobody set on the topic itself, it sets. More partitions, copies or days stay.

| setting on the brokers | value | when somebody set it otherwise on the topic |
|---|---|---|
| partitions | `bus.partitions`; with more of them later, a key may change its partition | fewer: refused |
| copies | `bus.replication` | fewer: refused |
| `min.insync.replicas` | `bus.replication` less one, at least 1 | fewer: refused |
| `cleanup.policy` | `delete`: compaction would drop what no worker has screened yet | refused |
| `unclean.leader.election.enable` | `false`: a broker that lacks messages never leads | refused |
| `retention.ms` | as each topic says below | less: told in the log, and left |

| topic | holds | written by | read by |
|---|---|---|---|
"""


def document() -> str:
    """The whole page."""
    rows = [
        f"| [{each.topic.name}](#{_anchor(each)}) | {each.holds} | {each.written_by} | {each.read_by} |"
        for each in DECLARED
    ]
    return HEAD + "\n".join(rows) + "\n" + "".join(_section(each) for each in DECLARED)


def _days(each: Declaration) -> str:
    days = each.topic.kept_days
    return f"{days} days (`retention.ms` {days * DAY_MS})" if days is not None else "as long as the brokers say"


def _anchor(each: Declaration) -> str:
    return each.topic.name.replace(".", "")


def _section(each: Declaration) -> str:
    lines = [
        f"\n## {each.topic.name}\n",
        f"{each.holds}.\n",
        f"- schema {each.schema}, kind `{each.kind}`, payload under `{each.place}`",
        f"- written by: {each.written_by}",
        f"- read by: {each.read_by}",
        f"- key: {each.keyed_by}",
        f"- kept: {_days(each)}: {each.kept}\n",
        f"| field of `{each.place}` | type | meaning |",
        "|---|---|---|",
        *_fields(each),
    ]
    return "\n".join(lines) + "\n"


def _fields(each: Declaration) -> Iterator[str]:
    schema = each.payload.model_json_schema(mode="serialization")
    required = {"event_id", *each.payload.model_json_schema(mode="validation").get("required", ())}
    for name, told in schema["properties"].items():
        needed = "" if name in required else ", may be left out"
        yield f"| `{name}` | {_type(told, schema.get('$defs', {}))}{needed} | {told.get('description', '')} |"


def _type(told: dict[str, Any], defs: dict[str, Any]) -> str:
    if "$ref" in told:
        name = told["$ref"].rsplit("/", 1)[1]
        return _type(defs[name], defs) if "enum" in defs[name] else name
    if "enum" in told:
        return " \\| ".join(str(value) for value in told["enum"])
    if "const" in told:
        return str(told["const"])
    if "anyOf" in told:
        return " or ".join(dict.fromkeys(_type(one, defs) for one in told["anyOf"]))
    if told.get("type") == "array":
        return f"list of {_type(told.get('items', {}), defs)}"
    if told.get("format"):
        return f"{told['type']} ({told['format']})"
    return str(told.get("type", "any"))


if __name__ == "__main__":
    sys.stdout.write(document())
