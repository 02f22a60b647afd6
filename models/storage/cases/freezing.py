"""Freezing: numbering a case lead and collecting its dossier as everything stands in this transaction.

The dossier holds each lead with its findings, the marks and goods that the findings name and the sellers authorised
for those marks as the registry had them in the version of that screening, the readings of the subject's pictures and
of the official pictures that findings point at, what pages suggest was sold, and the law of the day.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, select

from models.case_leads import CaseSource, Dossier, estimate_of, operator_of, start_clock
from models.errors import ConflictError, NotFoundError
from models.law import law
from models.leads import Lead
from models.moments import SHANGHAI
from models.pictures import PictureReading
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry
from models.storage import counters, readings
from models.storage.registry import official_pictures, registry_at
from models.storage.tables import marks
from models.subjects import Listing

Row = TypeVar("Row", Mark, ReferenceGoods, AuthorisedSeller)


def next_number(connection: Connection, organisation_id: str, at: datetime) -> str:
    """`YYYY-NNNNN`: the Shanghai year, and a number that begins at 1 in every year. Holds the counter's lock."""
    year = at.astimezone(SHANGHAI).year
    return f"{year:04d}-{counters.advance(connection, organisation_id, f'case-leads-{year:04d}'):05d}"


def freeze(
    connection: Connection,
    organisation_id: str,
    leads: Sequence[Lead],
    *,
    number: str,
    by: str,
    at: datetime,
    note: str,
    source: CaseSource,
) -> Dossier:
    """The first version. Raises `ConflictError` for leads on different operators, and when a lead names marks of a
    registry version that this store does not hold."""
    named, goods, authorised = _named_rows(connection, organisation_id, leads)
    return Dossier(
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
        source=source,
        clock=start_clock(source.code, at),
        law=law().on(at.astimezone(SHANGHAI).date()),
        operator=operator_of(leads),
        estimate=estimate_of(leads, goods),
    )


def require_force(connection: Connection, organisation_id: str, leads: Iterable[Lead], at: datetime) -> None:
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
    kept = [entry.without_features() for entry in [*own, *pointed_at]]
    return tuple({entry.model_dump_json(): entry for entry in kept}.values())
