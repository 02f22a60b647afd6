"""Case leads: accepting leads, numbering and freezing their dossier, in one transaction; and reading them back.

The dossier holds everything as it stood: each lead with its findings, the marks and goods that the findings name and
the sellers authorised for those marks as the registry had them in the version of that screening, and the readings of
the subject's pictures and of the official pictures that findings point at. A stored dossier that no longer has its
digest is not handed out.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine, insert, select

from models.case_leads import CaseLead, Dossier
from models.errors import ConflictError, InputError, JianzhenError, NotFoundError
from models.identity import sha256_of
from models.leads import Decision, Disposition, Lead
from models.moments import SHANGHAI
from models.pictures import PictureReading
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry
from models.storage import counters, readings
from models.storage.engine import reading, writing
from models.storage.leads import change_disposition, load_leads
from models.storage.registry import official_pictures, registry_at
from models.storage.tables import case_leads, marks
from models.subjects import Listing

Row = TypeVar("Row", Mark, ReferenceGoods, AuthorisedSeller)


class SqlCaseLeadStore:
    """Implements `models.ports.CaseLeadStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def register(
        self, organisation_id: str, revisions: dict[str, int], *, by: str, at: datetime, note: str = ""
    ) -> CaseLead:
        """See the port. Raises `ConflictError` too when a lead names marks of a registry version that this store
        does not hold: its dossier could not show them."""
        if not revisions:
            raise InputError("a case lead needs at least one lead", where="leads")
        decision = Decision(disposition=Disposition.ACCEPTED, reason=note, decided_by=by, decided_at=at)
        with writing(self._engine) as connection:
            number = _next_number(connection, organisation_id, at)
            for lead_id, revision in sorted(revisions.items()):  # one order of locks for everybody
                change_disposition(
                    connection, organisation_id, lead_id, decision, revision=revision, case_number=number
                )
            leads = tuple(load_leads(connection, organisation_id, list(revisions)).values())
            _require_force(connection, organisation_id, leads, at)
            case_lead = _freeze(connection, organisation_id, leads, number=number, by=by, at=at, note=note)
            connection.execute(
                insert(case_leads).values(
                    organisation_id=organisation_id,
                    case_number=number,
                    registered_at=at,
                    dossier_digest=case_lead.dossier_digest,
                    body=case_lead.model_dump_json(),
                )
            )
        return case_lead

    def get(self, organisation_id: str, case_number: str) -> CaseLead:
        """See the port. Raises `JianzhenError` when the stored dossier was changed."""
        query = select(case_leads.c.body, case_leads.c.dossier_digest).where(
            case_leads.c.organisation_id == organisation_id, case_leads.c.case_number == case_number
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"no case lead {case_number!r}", mend="it may belong to another organisation")
        return _verified(row.body, row.dossier_digest)

    def all(self, organisation_id: str) -> tuple[CaseLead, ...]:
        """See the port."""
        query = (
            select(case_leads.c.body, case_leads.c.dossier_digest)
            .where(case_leads.c.organisation_id == organisation_id)
            .order_by(case_leads.c.registered_at.desc(), case_leads.c.case_number.desc())
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(_verified(row.body, row.dossier_digest) for row in rows)


def _next_number(connection: Connection, organisation_id: str, at: datetime) -> str:
    """`YYYY-NNNNN`: the Shanghai year, and a number that begins at 1 in every year. Holds the counter's lock."""
    year = at.astimezone(SHANGHAI).year
    return f"{year:04d}-{counters.advance(connection, organisation_id, f'case-leads-{year:04d}'):05d}"


def _freeze(
    connection: Connection,
    organisation_id: str,
    leads: Sequence[Lead],
    *,
    number: str,
    by: str,
    at: datetime,
    note: str,
) -> CaseLead:
    named, goods, authorised = _named_rows(connection, organisation_id, leads)
    dossier = Dossier(
        case_number=number,
        organisation_id=organisation_id,
        accepted_by=by,
        accepted_at=at,
        note=note,
        leads=tuple(leads),
        marks=named,
        goods=goods,
        authorised=authorised,
        pictures=_pictures(connection, organisation_id, leads),
    )
    return CaseLead(
        organisation_id=organisation_id,
        case_number=number,
        dossier=dossier,
        dossier_digest=dossier.digest,
        registered_at=at,
    )


def _require_force(connection: Connection, organisation_id: str, leads: Iterable[Lead], at: datetime) -> None:
    """A mark that is pending, lapsed or disputed yields nothing exportable: neither as its lead was screened, nor by
    the registry and the day of acceptance. Raises `ConflictError`."""
    leads = list(leads)
    mark_ids = {lead.screening.assessment.mark_id for lead in leads}
    standing = select(marks.c.mark_id, marks.c.body).where(
        marks.c.organisation_id == organisation_id, marks.c.to_version.is_(None), marks.c.mark_id.in_(mark_ids - {None})
    )
    current = {mark_id: Mark.model_validate_json(body) for mark_id, body in connection.execute(standing)}
    for lead in leads:
        assessment = lead.screening.assessment
        mark = current.get(assessment.mark_id or "")
        if not assessment.exportable or (mark is not None and not mark.in_force(at)):
            status = mark.status if mark is not None and assessment.exportable else assessment.mark_status
            raise ConflictError(
                f"the mark is not in force (status {status or 'unknown'}): nothing of it may be handed over",
                where=f"lead {lead.lead_id}",
                mend="wait until the mark is registered and within its dates, then screen the subject again",
            )


def _named_rows(
    connection: Connection, organisation_id: str, leads: Iterable[Lead]
) -> tuple[tuple[Mark, ...], tuple[ReferenceGoods, ...], tuple[AuthorisedSeller, ...]]:
    """The marks and goods that the leads name, and who is authorised for those marks, in the registry version of
    each lead's screening. Where versions differ in a row, each state is kept once."""
    named: list[Mark] = []
    goods: list[ReferenceGoods] = []
    authorised: list[AuthorisedSeller] = []
    registries: dict[str, Registry] = {}
    for lead in leads:
        screening = lead.screening
        mark_ids = {finding.mark_id for finding in screening.findings} | {screening.assessment.mark_id}
        goods_ids = {finding.goods_id for finding in screening.findings}
        if not any(mark_ids | goods_ids):
            continue
        version = screening.registry_version
        if version not in registries:
            registries[version] = _registry(connection, organisation_id, version, lead)
        named += [mark for mark in registries[version].marks if mark.mark_id in mark_ids]
        goods += [entry for entry in registries[version].goods if entry.goods_id in goods_ids]
        authorised += [entry for entry in registries[version].authorised if entry.mark_id in mark_ids]
    return _once(named), _once(goods), _once(authorised)


def _registry(connection: Connection, organisation_id: str, version: str, lead: Lead) -> Registry:
    try:
        return registry_at(connection, organisation_id, version)
    except NotFoundError:
        raise ConflictError(
            f"the lead was screened against registry version {version!r}, which this store does not hold",
            where=f"lead {lead.lead_id}",
            mend="screen the subject again",
        ) from None


def _once(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple({row.model_dump_json(): row for row in rows}.values())


def _pictures(connection: Connection, organisation_id: str, leads: Iterable[Lead]) -> tuple[PictureReading, ...]:
    """Readings of the subjects' own pictures, then of the official pictures that findings point at."""
    shown: list[str] = []
    named: set[object] = set()
    for lead in leads:
        if isinstance(lead.screening.subject, Listing):
            shown += lead.screening.subject.images
        for finding in lead.screening.findings:
            named |= {finding.reference_value, *finding.params.values()}
    read = readings.newest(connection, organisation_id, shown)
    own = [read[address] for address in dict.fromkeys(shown) if address in read]
    official = [picture.reading for picture in official_pictures(connection, organisation_id)]
    pointed_at = [entry for entry in official if {entry.address, entry.content_sha256} & named]
    return tuple({entry.model_dump_json(): entry for entry in [*own, *pointed_at]}.values())


def _verified(body: str, dossier_digest: str) -> CaseLead:
    """The digest is taken of the words as stored: a field that a later version adds does not change them."""
    case_lead = CaseLead.model_validate_json(body)
    if {sha256_of(json.loads(body)["dossier"]), case_lead.dossier_digest} != {dossier_digest}:
        raise JianzhenError(
            "the stored dossier no longer has the digest it was registered with",
            where=f"case lead {case_lead.case_number}",
            mend="restore it from a backup; do not hand it over",
        )
    return case_lead
