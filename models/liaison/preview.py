"""The preview (预览): what a batch still lacks, row by row, and what a person has to check before signing.

A lack is mended by editing; a doubt (例外事项) is checked off by a person in words. Both are worked out anew from the
content, so that nothing can be checked off that is no longer what was looked at.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field

from models.explanations import Language
from models.identity import digest
from models.liaison.content import BatchContent, BatchRow, NoticeMark, row_key
from models.liaison.kinds import LetterKind
from models.liaison.mappings import PlatformMapping
from models.liaison.wording import checks, lack_words
from models.moments import SHANGHAI
from models.organisations import OrganisationKind
from models.registry import MarkStatus, within
from models.values import Value

THE_LETTER = 0


class Lack(Value):
    """Something that is missing: in the letter (`row` 0) or in a row, which are numbered from 1. `subject` says of
    what, where a row or letter has several."""

    code: str
    row: int = THE_LETTER
    subject: str = ""

    def what(self, language: Language) -> str:
        return lack_words(self.code, "what", language)

    def mend(self, language: Language) -> str:
        return lack_words(self.code, "mend", language)


class Doubt(Value):
    """Something to be checked before a person signs: a check of the whole batch, or what speaks against a row."""

    doubt_id: str
    row: int = THE_LETTER
    code: str
    zh: str
    en: str = ""

    def sentence(self, language: Language) -> str:
        return self.en or self.zh if language == "en" else self.zh


class Checked(Value):
    """A doubt that a person checked off: what was found, by whom, when."""

    doubt_id: Annotated[str, Field(min_length=1, max_length=64)]
    words: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
    by: str = ""
    at: AwareDatetime | None = None


class Preview(Value):
    """What keeps a batch from being signed; nothing means that it may be."""

    lacks: tuple[Lack, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return not self.lacks and not self.unchecked


def preview(
    content: BatchContent,
    checked: Iterable[Checked],
    mapping: PlatformMapping,
    *,
    sender: OrganisationKind,
    at: datetime,
) -> Preview:
    """Everything that is missing or unchecked in this content, as of the Shanghai day of `at`."""
    done = {each.doubt_id for each in checked}
    found = tuple(doubts(content))
    lacks = (*_of_letter(content, sender, at), *_of_marks(content, at), *_of_rows(content, mapping))
    return Preview(
        lacks=lacks, doubts=found, unchecked=tuple(each.doubt_id for each in found if each.doubt_id not in done)
    )


def doubts(content: BatchContent) -> Iterator[Doubt]:
    """The checks of this kind of letter, then what speaks against each row."""
    for check in checks():
        if content.kind in check["kinds"]:
            yield Doubt(doubt_id=f"check-{check['code']}", code=check["code"], zh=check["zh"], en=check["en"])
    for number, row in enumerate(content.rows, start=1):
        for caution in row.cautions:
            name = digest(row_key(row), caution.content())
            yield Doubt(doubt_id=name, row=number, code=caution.code, zh=caution.zh, en=caution.en)


def still_checked(content: BatchContent, checked: Iterable[Checked]) -> tuple[Checked, ...]:
    """Those check-offs whose doubt is still the same."""
    there = {each.doubt_id for each in doubts(content)}
    return tuple(each for each in checked if each.doubt_id in there)


def _of_letter(content: BatchContent, sender: OrganisationKind, at: datetime) -> Iterator[Lack]:
    if not content.sender.name.strip():
        yield Lack(code="sender-name")
    if not content.sender.contact.strip():
        yield Lack(code="sender-contact")
    if not content.asked.strip():
        yield Lack(code="asked")
    if not content.rows:
        yield Lack(code="no-rows")
    if content.kind is LetterKind.NOTICE:
        yield from _of_holder(content, sender, at)
        return
    if not content.reference.strip():
        yield Lack(code="reference")
    if not content.second_officer.strip():
        yield Lack(code="second-officer")
    if content.kind is LetterKind.DATA_REQUEST and content.reply_by is None:
        yield Lack(code="reply-by")


def _of_holder(content: BatchContent, sender: OrganisationKind, at: datetime) -> Iterator[Lack]:
    if not content.holder.name.strip():
        yield Lack(code="holder-name")
    if not content.holder.code.strip() and content.holder.identity is None:
        yield Lack(code="holder-identity")
    if not content.declared:
        yield Lack(code="declaration")
    if sender is OrganisationKind.AGENT and content.warrant is None:
        yield Lack(code="warrant")
    end = content.warrant.valid_to if content.warrant else None
    if end is not None and end < _day(at):
        yield Lack(code="warrant-over")


def _of_marks(content: BatchContent, at: datetime) -> Iterator[Lack]:
    if content.kind is not LetterKind.NOTICE:
        return
    if not content.marks:
        yield Lack(code="no-marks")
    for mark in content.marks:
        subject = mark.text or mark.mark_id
        if not mark.registration_no.strip():
            yield Lack(code="registration-no", subject=subject)
        if mark.certificate is None:
            yield Lack(code="certificate", subject=subject)
        if not _in_force(mark, at):
            yield Lack(code="mark-not-in-force", subject=subject)


def _of_rows(content: BatchContent, mapping: PlatformMapping) -> Iterator[Lack]:
    items = Counter(row.item_id.strip() for row in content.rows)
    for number, row in enumerate(content.rows, start=1):
        for code in _of_row(row, content, mapping, items):
            yield Lack(code=code, row=number, subject=row.item_id or row.title)


def _of_row(row: BatchRow, content: BatchContent, mapping: PlatformMapping, items: Counter[str]) -> Iterator[str]:
    item = row.item_id.strip()
    if not item:
        yield "item-id"
    elif not mapping.holds_item(item):
        yield "item-shape"
    elif items[item] > 1:
        yield "item-twice"
    host = _host(row.url)
    if not host:
        yield "url"
    elif not mapping.holds_host(host):
        yield "url-host"
    if row.platform and row.platform != content.platform:
        yield "platform"
    if not row.reason:
        yield "reason"
    elif mapping.reason(row.reason) is None:
        yield "reason-unknown"
    if not row.words.strip():
        yield "words"
    if content.kind is LetterKind.NOTICE:
        if row.mark_id not in content.marks_by_id:
            yield "mark"
        if not row.evidence:
            yield "evidence"


def _host(url: str) -> str:
    """The host of an http(s) address, lower case; empty for anything else."""
    try:
        parts = urlsplit(url.strip())
        return (parts.hostname or "").lower() if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _in_force(mark: NoticeMark, at: datetime) -> bool:
    return mark.status is MarkStatus.REGISTERED and within(mark.valid_from, mark.valid_to, at)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
