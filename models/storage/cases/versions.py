"""Versions of a dossier: written once, verified whenever they are read."""

import json

from sqlalchemy import Connection, insert, select

from models.case_leads import CaseLead
from models.errors import JianzhenError, NotFoundError
from models.identity import sha256_of
from models.storage.tables import case_leads, case_versions


def add_first(connection: Connection, case_lead: CaseLead) -> None:
    """A new registration."""
    connection.execute(
        insert(case_leads).values(
            organisation_id=case_lead.organisation_id,
            case_number=case_lead.case_number,
            registered_at=case_lead.registered_at,
            dossier_digest=case_lead.dossier_digest,
            body=case_lead.model_dump_json(),
        )
    )


def add_next(connection: Connection, case_lead: CaseLead) -> None:
    """The next version of one that is there."""
    connection.execute(
        insert(case_versions).values(
            organisation_id=case_lead.organisation_id,
            case_number=case_lead.case_number,
            version=case_lead.dossier.version,
            dossier_digest=case_lead.dossier_digest,
            body=case_lead.model_dump_json(),
        )
    )


def read_version(connection: Connection, organisation_id: str, case_number: str, version: int) -> CaseLead:
    """Raises `NotFoundError`, and `JianzhenError` when the stored dossier was changed."""
    if version == 1:
        query = select(case_leads.c.body, case_leads.c.dossier_digest).where(
            case_leads.c.organisation_id == organisation_id, case_leads.c.case_number == case_number
        )
    else:
        query = select(case_versions.c.body, case_versions.c.dossier_digest).where(
            case_versions.c.organisation_id == organisation_id,
            case_versions.c.case_number == case_number,
            case_versions.c.version == version,
        )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"case lead {case_number!r} has no version {version}")
    return verified(row.body, row.dossier_digest)


def verified(body: str, dossier_digest: str) -> CaseLead:
    """The digest is taken of the words as stored: a field that a later version adds does not change them."""
    case_lead = CaseLead.model_validate_json(body)
    if {sha256_of(json.loads(body)["dossier"]), case_lead.dossier_digest} != {dossier_digest}:
        raise JianzhenError(
            "the stored dossier no longer has the digest it was registered with",
            where=f"case lead {case_lead.case_number}",
            mend="restore it from a backup; do not hand it over",
        )
    return case_lead
