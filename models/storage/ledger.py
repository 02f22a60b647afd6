"""Screenings as rows, and back. Owns what a screening costs to keep; knows nothing of leads.

A subject's content lies once in `observations`, however often it is screened. A screening without findings whose
assessment says nothing is one narrow row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, and_, select

from models.findings import Finding
from models.identity import SubjectKey
from models.leads import Assessment, Screening
from models.storage import tables
from models.storage.engine import pages
from models.subjects import SUBJECT_TYPES

NOTHING_FOUND = Assessment(flagged=False, score=0.0)


@dataclass(frozen=True)
class Entry:
    """One screening on its way into the ledger."""

    screening: Screening

    @cached_property
    def subject_key(self) -> SubjectKey:
        return self.screening.subject.key

    @cached_property
    def token(self) -> str:
        return self.subject_key.token

    @property
    def organisation_id(self) -> str:
        return self.subject_key.organisation_id

    @property
    def name(self) -> tuple[str, str]:
        """The screening's primary key."""
        return self.organisation_id, self.screening.screening_key

    @property
    def subject(self) -> tuple[str, str]:
        """The subject's primary key."""
        return self.organisation_id, self.token

    def observation_row(self) -> dict[str, Any]:
        return {
            "organisation_id": self.organisation_id,
            "observation_id": self.screening.observation_id,
            "subject_token": self.token,
            "body": self.screening.subject.model_dump_json(exclude_defaults=True),
        }

    def screening_row(self) -> dict[str, Any]:
        screening = self.screening
        silent = screening.assessment == NOTHING_FOUND
        return {
            "organisation_id": self.organisation_id,
            "screening_key": screening.screening_key,
            "subject_token": self.token,
            "observation_id": screening.observation_id,
            "registry_version": screening.registry_version,
            "rules_version": screening.rules_version,
            "context_version": screening.context_version,
            "outcome": screening.outcome.value,
            "screened_at": screening.screened_at,
            "assessment": None if silent else screening.assessment.model_dump_json(),
        }

    def subject_row(self) -> dict[str, Any]:
        key, screening = self.subject_key, self.screening
        return {
            "organisation_id": self.organisation_id,
            "subject_token": self.token,
            "kind": key.kind,
            "platform": key.platform,
            "native_id": key.native_id,
            "observation_id": screening.observation_id,
            "screening_key": screening.screening_key,
            "outcome": screening.outcome.value,
            "screened_at": screening.screened_at,
        }

    def finding_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "organisation_id": self.organisation_id,
                "screening_key": self.screening.screening_key,
                "position": position,
                "detector": finding.detector,
                "mark_id": finding.mark_id,
                "stance": finding.stance.value,
                "body": finding.model_dump_json(),
            }
            for position, finding in enumerate(self.screening.findings)
        ]


def by_organisation(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Organisation -> the tokens of its subjects, both in order."""
    found: dict[str, list[str]] = {}
    for organisation_id, token in sorted({entry.subject for entry in entries}):
        found.setdefault(organisation_id, []).append(token)
    return found


def load_screenings(connection: Connection, organisation_id: str, keys: Iterable[str]) -> dict[str, Screening]:
    """The screenings of those keys, whole."""
    wanted = list(dict.fromkeys(keys))
    findings = _load_findings(connection, organisation_id, wanted)
    run, seen, subject = tables.screenings, tables.observations, tables.subjects
    query = (
        select(run, subject.c.kind, seen.c.body)
        .join(
            subject, and_(subject.c.organisation_id == organisation_id, subject.c.subject_token == run.c.subject_token)
        )
        .join(seen, and_(seen.c.organisation_id == organisation_id, seen.c.observation_id == run.c.observation_id))
        .where(run.c.organisation_id == organisation_id)
    )
    found: dict[str, Screening] = {}
    for page in pages(wanted):
        for row in connection.execute(query.where(run.c.screening_key.in_(page))):
            found[row.screening_key] = Screening(
                screening_key=row.screening_key,
                observation_id=row.observation_id,
                subject=SUBJECT_TYPES[row.kind].model_validate_json(row.body),
                registry_version=row.registry_version,
                rules_version=row.rules_version,
                context_version=row.context_version,
                assessment=Assessment.model_validate_json(row.assessment) if row.assessment else NOTHING_FOUND,
                findings=tuple(findings.get(row.screening_key, ())),
                screened_at=row.screened_at,
            )
    return found


def _load_findings(connection: Connection, organisation_id: str, keys: list[str]) -> dict[str, list[Finding]]:
    table = tables.findings
    query = select(table.c.screening_key, table.c.body).where(table.c.organisation_id == organisation_id)
    found: dict[str, list[Finding]] = {}
    for page in pages(keys):
        rows = query.where(table.c.screening_key.in_(page)).order_by(table.c.screening_key, table.c.position)
        for key, body in connection.execute(rows):
            found.setdefault(key, []).append(Finding.model_validate_json(body))
    return found
