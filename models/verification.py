"""Verification (核实): what the rights holder says of a referred lead, what a unit tells it back, and what is recorded
about goods: a formal identification, an institution's appraisal, a test purchase.

An opinion (权利人初步意见) rests on the page alone and is worth what a first look is worth. An identification
(辨认意见) needs the goods or a sample, an appraisal (鉴定) an institution: each is a record of its own kind, and none
is made from another.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import AwareDatetime, Field, model_validator

from models.identity import LOCAL
from models.pictures import Sha256
from models.subjects import Amount, Currency
from models.values import Value

Words = Annotated[str, Field(max_length=2000)]
Said = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
Name = Annotated[str, Field(max_length=200)]
Named = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]

ANSWER_DAYS = 10
LONGEST_ANSWER_DAYS = 90


class Opinion(StrEnum):
    """What a holder thinks at first sight."""

    GENUINE = "genuine"
    NOT_GENUINE = "not-genuine"
    OUTSIDE_CHANNEL = "outside-channel"
    UNSURE = "unsure"


class Feedback(StrEnum):
    """What became of a referred lead, as the unit tells its holder."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    FILED = "filed"
    NOT_FILED = "not-filed"
    PENALISED = "penalised"


class ReferralAnswer(Value):
    """One word on a referral: the holder's opinion, or the unit's feedback. `organisation_id` is whoever wrote it;
    `person` is who stands for an opinion. The newest of a kind holds, all are kept."""

    organisation_id: str
    answer_id: str
    referral_id: str
    unit_id: str
    holder_id: str
    opinion: Opinion | None = None
    feedback: Feedback | None = None
    words: Words = ""
    person: Name = ""
    by: str
    at: AwareDatetime

    @model_validator(mode="after")
    def _one(self) -> "ReferralAnswer":
        if (self.opinion is None) == (self.feedback is None):
            raise ValueError("an answer is an opinion or feedback")
        if self.opinion is not None and not (self.person.strip() and self.words.strip()):
            raise ValueError("an opinion names its reason and its person")
        return self


class RecordFile(Value):
    """A picture or report that belongs to a record; its bytes are kept under the hash."""

    name: Named
    sha256: Sha256


class TestPurchase(Value):
    """购样: what was ordered where, how it came, and under which numbers the samples are sealed."""

    __test__ = False  # the field's own word, not a test

    platform: Name = ""
    order_no: Named
    waybill_no: Name = ""
    bought_on: date | None = None
    price: Amount | None = None
    currency: Currency | None = None
    sealed_sample: Name = ""
    spare_sample: Name = ""


class Basis(StrEnum):
    """What an identification or appraisal was made on."""

    GOODS = "goods"
    SAMPLE = "sample"


class Identification(Value):
    """辨认意见: the holder's written word on goods that it had in hand. `item` says which: a seized lot's or a sealed
    sample's number."""

    conclusion: Opinion
    basis: Basis
    item: Named
    holder: Named
    person: Named
    document_no: Name = ""


class Appraisal(Value):
    """鉴定: an institution's report on goods or a sample."""

    institution: Named
    report_no: Named
    basis: Basis
    item: Named
    conclusion: Said


class RecordKind(StrEnum):
    PURCHASE = "purchase"
    IDENTIFICATION = "identification"
    APPRAISAL = "appraisal"


class LeadRecord(Value):
    """One record on a lead, numbered within its unit and never changed. Exactly one of the three kinds is set."""

    organisation_id: str = LOCAL
    lead_id: str
    number: int = 0
    purchase: TestPurchase | None = None
    identification: Identification | None = None
    appraisal: Appraisal | None = None
    note: Words = ""
    files: Annotated[tuple[RecordFile, ...], Field(max_length=20)] = ()
    by: str
    at: AwareDatetime

    @property
    def kind(self) -> RecordKind:
        if self.purchase is not None:
            return RecordKind.PURCHASE
        return RecordKind.IDENTIFICATION if self.identification is not None else RecordKind.APPRAISAL

    @model_validator(mode="after")
    def _one(self) -> "LeadRecord":
        if sum(each is not None for each in (self.purchase, self.identification, self.appraisal)) != 1:
            raise ValueError("a record is of one kind")
        return self


class VerificationStore(Protocol):
    """Answers on referrals, and records on leads; every one is kept."""

    def answer(self, answer: ReferralAnswer) -> None: ...

    def answers(self, referral_ids: tuple[str, ...]) -> dict[str, tuple[ReferralAnswer, ...]]:
        """Answers that the caller may see, by referral, newest first."""

    def record(self, record: LeadRecord) -> LeadRecord:
        """Keep it; returns it with its number. Raises `NotFoundError` for a lead that is not there."""

    def records(self, organisation_id: str, lead_id: str) -> tuple[LeadRecord, ...]:
        """Newest first."""
