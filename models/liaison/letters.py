"""The letter (函件): what leaves. The part of a batch that its platform receives, and the signature on it.

The sender's doubts, what was checked of them and which leads the rows came from stay with the sender; of the
check-offs the letter carries the digest alone, so that a signature covers them too.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.identity import sha256_of
from models.liaison.content import BatchContent, BatchRow, Document, NoticeMark, Party, Warrant
from models.liaison.kinds import LetterKind
from models.liaison.preview import Checked
from models.liaison.wording import declaration
from models.organisations import OrganisationKind
from models.pictures import Sha256
from models.subjects import Amount, Currency
from models.values import Value


class LetterRow(Value):
    """One row as the platform receives it."""

    number: Annotated[int, Field(ge=1)]
    item_id: str
    url: str
    title: str = ""
    seller: str = ""
    price: Amount | None = None
    currency: Currency | None = None
    mark_id: str = ""
    reason: str = ""
    words: str = ""
    evidence: tuple[Document, ...] = ()
    captured_at: AwareDatetime | None = None


class Letter(Value):
    """A batch as its platform receives it."""

    batch_id: str
    kind: LetterKind
    sender_id: str
    sender_kind: OrganisationKind
    receiver_id: str = ""
    holder_id: str = ""
    platform: str
    mapping: str
    sender: Party
    holder: Party
    warrant: Warrant | None = None
    marks: tuple[NoticeMark, ...] = ()
    rows: tuple[LetterRow, ...] = ()
    asked: str = ""
    reference: str = ""
    reply_by: date | None = None
    second_officer: str = ""
    declaration: str = ""
    checks_digest: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical letter: what a signature is on."""
        return sha256_of(self.model_dump(mode="json"))

    @property
    def rows_by_item(self) -> dict[str, LetterRow]:
        return {row.item_id: row for row in self.rows}

    @property
    def marks_by_id(self) -> dict[str, NoticeMark]:
        return {mark.mark_id: mark for mark in self.marks}


class Signature(Value):
    """Who signed, in which name, when, and the SHA-256 of what was signed."""

    by: str
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    at: AwareDatetime
    digest: Sha256


class SentLetter(Value):
    """A letter with its signature, as it was sent."""

    letter: Letter
    signature: Signature
    sent_by: str
    sent_at: AwareDatetime

    @property
    def unchanged(self) -> bool:
        """Whether the letter is still the one that was signed."""
        return self.letter.digest == self.signature.digest


def letter_of(
    content: BatchContent, checked: Iterable[Checked], *, batch_id: str, sender_id: str, sender_kind: OrganisationKind
) -> Letter:
    """What leaves of this content."""
    shared = content.model_dump(
        include={
            "kind", "receiver_id", "holder_id", "platform", "mapping", "sender", "holder", "warrant", "marks", "asked",
            "reference", "reply_by", "second_officer",
        }
    )  # fmt: skip
    return Letter(
        **shared,
        batch_id=batch_id,
        sender_id=sender_id,
        sender_kind=sender_kind,
        rows=tuple(_row(number, row) for number, row in enumerate(content.rows, start=1)),
        declaration=declaration("zh") if content.declared and content.kind is LetterKind.NOTICE else "",
        checks_digest=sha256_of([each.model_dump(mode="json") for each in checked]),
    )


def annex_of(letter: Letter) -> tuple[tuple[str, Document], ...]:
    """Every document that the letter names, each once, with what it is: identity, warrant, certificate, evidence."""
    named: list[tuple[str, Document]] = []
    for party in (letter.sender, letter.holder):
        if party.identity is not None:
            named.append(("identity", party.identity))
    if letter.warrant is not None:
        named.append(("warrant", letter.warrant.document))
    named += [("certificate", mark.certificate) for mark in letter.marks if mark.certificate is not None]
    named += [("evidence", document) for row in letter.rows for document in row.evidence]
    return tuple({(kind, document.sha256): (kind, document) for kind, document in named}.values())


def _row(number: int, row: BatchRow) -> LetterRow:
    data = row.model_dump(exclude={"platform", "cautions", "lead_id"})
    return LetterRow(number=number, **{**data, "item_id": row.item_id.strip(), "url": row.url.strip()})
