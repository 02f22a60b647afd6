"""Findings: one fact a detector saw, for or against (比对结果; shown as 疑点 and 排除因素)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from models.identity import digest
from models.pictures import PictureReading
from models.subjects import AnySubject, Listing
from models.values import Value

Parameter = str | int | float | bool


class Stance(StrEnum):
    FOR = "for"
    AGAINST = "against"


class Finding(Value):
    """A fact on one subject. `score` is 0..1, rounded to 1e-6; `span` counts Unicode code points of the named field,
    end exclusive; `params` fill the sentence that `models.explanations` renders for `fact`."""

    finding_id: str
    detector: str
    version: str
    mark_id: str | None = None
    goods_id: str | None = None
    stance: Stance
    score: Annotated[float, Field(ge=0, le=1)]
    fact: str
    field: str
    subject_value: str = ""
    reference_value: str = ""
    span: tuple[int, int] | None = None
    params: dict[str, Parameter] = Field(default_factory=dict)


@dataclass(frozen=True)
class EarlierPrice:
    """What a listing asked when it was seen before."""

    at: datetime
    price: Decimal
    currency: str


@dataclass(frozen=True)
class Observation:
    """A subject together with what has been read about it: the unit that detectors are given.

    `pictures` are the readings of its pictures, in page order; `listing` is the listing a parcel carries, when known;
    `earlier` are the listing's own prices on earlier days, oldest first.
    """

    subject: AnySubject
    pictures: tuple[PictureReading, ...] = ()
    listing: Listing | None = None
    earlier: tuple[EarlierPrice, ...] = ()

    @property
    def linked(self) -> str:
        """Names what was linked beyond the hashes of the subject's pictures: a part of the screening's key. Empty
        without any."""
        deep = [reading.content_sha256 for reading in self.pictures if reading.level == "full"]
        if deep:
            return digest(deep, self._prices())
        if self.earlier:
            return digest(self._prices())
        return self.listing.observation_id if self.listing is not None else ""

    def _prices(self) -> list[tuple[str, str, str]]:
        return [(point.at.isoformat(), str(point.price), point.currency) for point in self.earlier]


@dataclass(frozen=True)
class Evidence:
    """What a detector knows about one fact before it is signed with the detector's name and the subject's id."""

    fact: str
    stance: Stance
    score: float
    field: str
    mark_id: str | None = None
    goods_id: str | None = None
    subject_value: str = ""
    reference_value: str = ""
    span: tuple[int, int] | None = None
    params: tuple[tuple[str, Parameter], ...] = ()


def signed(
    evidence: Evidence, subject: AnySubject, *, detector: str, version: str, observation_id: str | None = None
) -> Finding:
    """The finding with its id: hash(observation, detector, version, mark, fact, field, span, reference). Who signs many
    findings on one subject gives its `observation_id`, which takes as long to make as all the rest."""
    finding_id = digest(
        observation_id or subject.observation_id,
        detector,
        version,
        evidence.mark_id,
        evidence.fact,
        evidence.field,
        evidence.span,
        evidence.goods_id or "",
        evidence.reference_value,
    )
    return Finding(
        finding_id=finding_id,
        detector=detector,
        version=version,
        mark_id=evidence.mark_id,
        goods_id=evidence.goods_id,
        stance=evidence.stance,
        score=round(evidence.score, 6),
        fact=evidence.fact,
        field=evidence.field,
        subject_value=evidence.subject_value,
        reference_value=evidence.reference_value,
        span=evidence.span,
        params=dict(evidence.params),
    )
