"""A full disk: writing is refused calmly, reading goes on, nothing is half there, and with room all goes on."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.servers.postgres import find_programs
from tests.servers.require import missing
from tests.servers.small_disk import run_on_small_disk

MODULE = "tests.jianzhen.deciding.full_disk"


def seen(folder: Path, size: str, engine: str, kind: str = "right") -> dict[str, Any]:
    done = run_on_small_disk(size, MODULE, str(folder), engine, kind)
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def refused(answer: dict[str, Any], *codes: str) -> None:
    """A 503 as programs should get it."""
    assert (answer["status"], answer["kind"]) == (503, "application/problem+json"), answer
    assert int(answer["Retry-After"]) > 0
    problem = json.loads(answer["text"])
    assert ("存储空间" in problem["detail"]) == (problem["code"] == "no-room")
    assert problem["code"] in codes, problem
    chinese, _, english = problem["detail"].partition(" / ")
    assert chinese
    assert english
    assert problem["where"] == ""


def check(found: dict[str, Any], *codes: str) -> None:
    assert found["before"] == [200, 201, 201]
    assert {answer["status"] for answer in found["writing"]} <= {200, 201, 503}
    for answer in found["writing"]:
        if answer["status"] == 503:
            refused(answer, *codes)
    assert sum(answer["status"] == 503 for answer in found["writing"]) >= 12
    refused(found["exporting"], *codes)
    refused(found["after_restart"], *codes)
    assert found["worker_waited"], found["log"]
    assert {answer["status"] for answer in found["again"]} == {200, 201}
    assert (found["exported"], found["worker_drained"]) == (201, True), found["log"]
    assert found["tracebacks"] == 0, found["log"]
    assert found["whole"] == {"bus": "ok", "store": "ok"}
    assert found["objects"] == []
    assert not any(found["finding"].values()), found["finding"]
    assert found["outcomes"]["dead-letter"] == 0
    assert sum(found["outcomes"].values()) == 250 + 120


def test_sqlite_objects_and_log_on_a_full_disk(tmp_path: Path) -> None:
    found = seen(tmp_path, "48m", "sqlite")
    check(found, "no-room")
    assert {answer["status"] for answer in found["reading"]} == {200}
    for language, words in (("zh", "存储空间已满"), ("en", "The disk is full")):
        page = found["pressed"][language]
        assert (page["status"], page["kind"]) == (503, "text/html")
        assert words in page["text"]
        assert int(page["Retry-After"]) > 0


@pytest.mark.soak
@pytest.mark.postgres
def test_postgresql_on_a_full_disk(tmp_path: Path) -> None:
    if find_programs() is None or os.geteuid() != 0:
        missing("PostgreSQL on a small disk", "needs its programs, and root to mount for its user")
    found = seen(tmp_path, "200m", "postgresql")
    check(found, "no-room", "transient")
    assert {answer["status"] for answer in found["reading"]} == {200}
    assert {json.loads(each["text"])["code"] for each in found["writing"] if each["status"] == 503} == {"no-room"}
    assert found["fell"], "the server found room for its log"
    refused(found["without_server"], "transient")


@pytest.mark.soak
def test_messages_written_after_the_decision_are_caught_on_a_full_disk(tmp_path: Path) -> None:
    assert seen(tmp_path, "48m", "sqlite", "tells-later")["finding"]["untold"] > 0
