"""What a batch says (批次内容): who writes, for whom, on which marks, about which goods, and what is asked.

Nothing here is judged: what is still missing is the business of `models.liaison.preview`, and what leaves is the
`Letter` of `models.liaison.letters`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.findings import Finding
from models.identity import digest
from models.liaison.kinds import LetterKind
from models.pictures import Sha256
from models.registry import MarkStatus
from models.subjects import Amount, Currency, Uscc
from models.values import Value

Short = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=4000)]
Address = Annotated[str, Field(max_length=2000)]
MOST_ROWS = 2000


class Document(Value):
    """A file named by its hash: a certificate, a power of attorney, a piece of preliminary evidence. Its bytes lie
    where `source` says."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    sha256: Sha256
    source: Annotated[str, Field(max_length=500)] = ""
    at: AwareDatetime | None = None


class Party(Value):
    """Who writes or is written for: name, what proves the identity, how to be reached."""

    name: Short = ""
    code: Annotated[Uscc, Field(description="统一社会信用代码, or the number of the identity document")] = ""
    identity: Document | None = None
    contact: Short = ""
    address: Short = ""


class Warrant(Value):
    """The power of attorney (委托书) that an agent sends along."""

    document: Document
    valid_to: date | None = None


class NoticeMark(Value):
    """A mark that the batch is about, with its rights status and the certificate (商标注册证)."""

    mark_id: Annotated[str, Field(min_length=1, max_length=128)]
    text: Short = ""
    registration_no: Short = ""
    nice_classes: Annotated[tuple[int, ...], Field(max_length=45)] = ()
    holder: Short = ""
    status: MarkStatus = MarkStatus.REGISTERED
    valid_from: date | None = None
    valid_to: date | None = None
    certificate: Document | None = None


class Caution(Value):
    """Something that speaks against a row, as a finding or the sender's registry showed it."""

    code: Annotated[str, Field(min_length=1, max_length=64)]
    zh: Words
    en: Words = ""


class BatchRow(Value):
    """One listing: what the platform knows it by, and why it is named. `cautions` and `lead_id` never leave."""

    item_id: Annotated[str, Field(max_length=512)] = ""
    url: Address = ""
    platform: Annotated[str, Field(max_length=128)] = ""
    title: Annotated[str, Field(max_length=2000)] = ""
    seller: Short = ""
    price: Amount | None = None
    currency: Currency | None = None
    mark_id: Annotated[str, Field(max_length=128)] = ""
    reason: Annotated[str, Field(max_length=64, description="A reason code of the platform")] = ""
    words: Annotated[str, Field(max_length=2000, description="What is seen on the page, in the sender's words")] = ""
    evidence: Annotated[tuple[Document, ...], Field(max_length=50)] = ()
    captured_at: AwareDatetime | None = None
    lead_id: Annotated[str, Field(max_length=64)] = ""
    cautions: Annotated[tuple[Caution, ...], Field(max_length=50)] = ()


class BatchContent(Value):
    """Everything a person edits until the batch is signed."""

    kind: LetterKind
    platform: Annotated[str, Field(min_length=1, max_length=128, pattern=r"\S")]
    receiver_id: Annotated[str, Field(max_length=64, description="The platform's organisation, where it has one")] = ""
    mapping: Annotated[str, Field(min_length=1, max_length=64)] = "general"
    holder_id: Annotated[str, Field(max_length=64)] = ""
    sender: Party = Party()
    holder: Party = Party()
    warrant: Warrant | None = None
    marks: Annotated[tuple[NoticeMark, ...], Field(max_length=200)] = ()
    rows: Annotated[tuple[BatchRow, ...], Field(max_length=MOST_ROWS)] = ()
    asked: Annotated[str, Field(max_length=4000, description="The measures or the data that are asked for")] = ""
    reference: Annotated[Short, Field(description="The letter's own number (文号)")] = ""
    reply_by: date | None = None
    second_officer: Short = ""
    case_number: Annotated[str, Field(max_length=64)] = ""
    declared: Annotated[bool, Field(description="The declaration of truth is made")] = False

    @property
    def marks_by_id(self) -> dict[str, NoticeMark]:
        return {mark.mark_id: mark for mark in self.marks}


def row_key(row: BatchRow) -> str:
    """Names a row among those of a batch by what the platform knows it by; a row without an id, by its content."""
    return digest("row", row.item_id or row.content())


def cautions_of(findings: Iterable[Finding], sentences: dict[str, tuple[str, str]]) -> tuple[Caution, ...]:
    """The findings against as cautions; `sentences` tells each in Chinese and English by its id."""
    return tuple(
        Caution(code=finding.fact, zh=sentences[finding.finding_id][0], en=sentences[finding.finding_id][1])
        for finding in findings
        if finding.finding_id in sentences
    )
