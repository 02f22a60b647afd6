"""Decisions survive: what was answered with 2xx is there, once and whole, however often the API or PostgreSQL dies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jianzhen.deciding.drive import API, POSTGRES, Plan, Report, drive
from tests.jianzhen.deciding.installation import Installation, Nursery
from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def check(report: Report, installation: Installation) -> None:
    print(report)  # noqa: T201  # the figures of a soak
    assert report.finding.nothing, report
    assert report.journal.wrong == [], report
    assert "Traceback" not in installation.log
    for victim in report.kills:
        assert report.hits[victim] * 2 >= report.kills[victim], f"kills of the {victim} hit nothing: {report}"


def test_the_api_killed_over_sqlite(tmp_path: Path, nursery: Nursery) -> None:
    installation = Installation(tmp_path, nursery=nursery)
    check(drive(installation, Plan((API,), leads=800, between_s=0.5)), installation)


@pytest.mark.postgres
def test_both_killed_over_postgresql(
    tmp_path: Path, nursery: Nursery, postgres_server: PostgresServer, postgres_url: str
) -> None:
    installation = Installation(tmp_path, postgres_url, nursery)
    report = drive(installation, Plan((POSTGRES, API, POSTGRES), leads=1600, between_s=0.5), postgres_server)
    check(report, installation)
    assert report.journal.statuses[503] > 0


@pytest.mark.parametrize(
    ("kind", "caught"),
    [("answers-first", "lost"), pytest.param("tells-later", "untold", marks=pytest.mark.soak)],
)
def test_what_is_wrong_on_purpose_is_caught(tmp_path: Path, nursery: Nursery, kind: str, caught: str) -> None:
    installation = Installation(tmp_path, nursery=nursery, kind=kind)
    plan = Plan((API,), leads=800, between_s=0.4)
    assert getattr(drive(installation, plan).finding, caught) > 0


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_api_killed_fifteen_times_over_sqlite(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    check(drive(installation, Plan([API] * 15, leads=20_000, between_s=3.0, patience_s=30.0)), installation)


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_both_killed_thirty_five_times_over_postgresql(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str
) -> None:
    installation = Installation(tmp_path, postgres_url)
    victims = [API, POSTGRES] * 15 + [POSTGRES] * 5
    check(
        drive(installation, Plan(victims, leads=40_000, between_s=3.0, patience_s=30.0), postgres_server), installation
    )
