"""Batches (批次): one letter to one platform on its way from draft to sent, as pure steps.

Draft, signed, sent, withdrawn. A change of a signed batch voids the signature and makes it a draft again; what was
sent is never changed, only withdrawn. Each step returns the batch after it, with the next revision.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from models.errors import ConflictError, InputError
from models.liaison.content import BatchContent
from models.liaison.kinds import require_sender
from models.liaison.letters import Letter, SentLetter, Signature, letter_of
from models.liaison.mappings import PlatformMapping
from models.liaison.preview import Checked, Preview, doubts, preview, still_checked
from models.liaison.states import BatchState
from models.organisations import OrganisationKind
from models.values import Value


class Batch(Value):
    """A batch as its sender keeps it."""

    organisation_id: str
    sender_kind: OrganisationKind
    batch_id: str
    state: BatchState = BatchState.DRAFT
    revision: int = 0
    body: BatchContent
    checked: tuple[Checked, ...] = ()
    signature: Signature | None = None
    made_by: str
    made_at: AwareDatetime
    changed_at: AwareDatetime
    sent_at: AwareDatetime | None = None
    withdrawn_for: str = ""

    @property
    def letter(self) -> Letter:
        """What leaves, or would."""
        return letter_of(
            self.body,
            self.checked,
            batch_id=self.batch_id,
            sender_id=self.organisation_id,
            sender_kind=self.sender_kind,
        )

    @property
    def signed(self) -> bool:
        """Whether a person signed exactly what it says now."""
        return self.signature is not None and self.signature.digest == self.letter.digest

    def preview(self, mapping: PlatformMapping, *, at: datetime) -> Preview:
        return preview(self.body, self.checked, mapping, sender=self.sender_kind, at=at)


def drafted(
    content: BatchContent, *, organisation_id: str, sender_kind: OrganisationKind, batch_id: str, by: str, at: datetime
) -> Batch:
    """A new batch. Raises `InputError` for a letter that such an organisation does not send."""
    require_sender(content.kind, sender_kind)
    return Batch(
        organisation_id=organisation_id,
        sender_kind=sender_kind,
        batch_id=batch_id,
        body=content,
        made_by=by,
        made_at=at,
        changed_at=at,
    )


def changed(batch: Batch, content: BatchContent, *, at: datetime) -> Batch:
    """With other content: no longer signed, and only those check-offs stay whose doubt is the same. Raises
    `ConflictError` for one that was sent, `InputError` for another kind of letter."""
    _require_open(batch)
    if content.kind is not batch.body.kind:
        raise InputError("the kind of a letter stays", where="kind", mend="make a new batch")
    return _next(batch, at, body=content, checked=still_checked(content, batch.checked))


def checked_off(batch: Batch, given: Iterable[Checked], *, by: str, at: datetime) -> Batch:
    """With these doubts checked off. Raises `InputError` for one that is not there, `ConflictError` for a batch that
    was sent."""
    _require_open(batch)
    there = {each.doubt_id for each in doubts(batch.body)}
    kept = {each.doubt_id: each for each in batch.checked}
    for each in given:
        if each.doubt_id not in there:
            raise InputError("no such point to check", where=each.doubt_id, mend="load the batch again")
        kept[each.doubt_id] = each.model_copy(update={"words": each.words.strip(), "by": by, "at": at})
    return _next(batch, at, checked=tuple(kept.values()))


def signed(batch: Batch, mapping: PlatformMapping, *, by: str, name: str, at: datetime) -> Batch:
    """Signed by a person. Raises `ConflictError` while something is missing or unchecked, and for one that was sent;
    `InputError` without a name, and where the second officer is the signer."""
    _require_open(batch)
    require_sender(batch.body.kind, batch.sender_kind)
    found = batch.preview(mapping, at=at)
    if not found.ready:
        missing, open_points = len(found.lacks), len(found.unchecked)
        raise ConflictError(
            f"the batch is not ready to be signed: {missing} missing, {open_points} not checked",
            where=f"batch {batch.batch_id}",
            mend="see its preview, mend what is missing and check off the rest",
        )
    second = batch.body.second_officer.strip()
    if second and second in {by, name.strip()}:
        raise InputError("the second officer is another person than the signer", where="second_officer")
    if not name.strip():
        raise InputError("a signature needs the signer's name", where="name", mend="write your name")
    signature = Signature(by=by, name=name.strip(), at=at, digest=batch.letter.digest)
    return _next(batch, at, state=BatchState.SIGNED, signature=signature)


def sent(batch: Batch, *, by: str, at: datetime) -> tuple[Batch, SentLetter]:
    """On its way, with the letter that leaves. Raises `ConflictError` unless it stands signed as it says now."""
    if batch.state is not BatchState.SIGNED:
        raise ConflictError(
            f"a batch that is {batch.state} is not sent", where=f"batch {batch.batch_id}", mend="sign it"
        )
    letter, signature = require_signed(batch)
    return _next(batch, at, state=BatchState.SENT, signature=signature, sent_at=at), SentLetter(
        letter=letter, signature=signature, sent_by=by, sent_at=at
    )


def withdrawn(batch: Batch, *, reason: str, at: datetime) -> Batch:
    """Taken back. Raises `ConflictError` for one that was never sent or is withdrawn, `InputError` without a reason."""
    if batch.state is not BatchState.SENT:
        raise ConflictError(f"a batch that is {batch.state} is not withdrawn", where=f"batch {batch.batch_id}")
    if not reason.strip():
        raise InputError("a withdrawal needs its reason", where="reason", mend="say why in a sentence")
    return _next(batch, at, state=BatchState.WITHDRAWN, signature=batch.signature, withdrawn_for=reason.strip())


def require_signed(batch: Batch) -> tuple[Letter, Signature]:
    """The letter and its signature. Raises `ConflictError` unless a person signed exactly what it says."""
    letter = batch.letter
    if batch.signature is None or batch.signature.digest != letter.digest:
        raise ConflictError(
            "nobody has signed what this batch says now",
            where=f"batch {batch.batch_id}",
            mend="check its preview and sign it; a change after signing voids the signature",
        )
    return letter, batch.signature


def _require_open(batch: Batch) -> None:
    if batch.state not in {BatchState.DRAFT, BatchState.SIGNED}:
        raise ConflictError(
            f"a batch that is {batch.state} is not changed",
            where=f"batch {batch.batch_id}",
            mend="withdraw it and send another",
        )


def _next(batch: Batch, at: datetime, **changes: Any) -> Batch:
    """The batch after a step. Without a signature given anew it is a draft."""
    usual = {"state": BatchState.DRAFT, "signature": None, "revision": batch.revision + 1, "changed_at": at}
    return batch.model_copy(update={**usual, **changes})
