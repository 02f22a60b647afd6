"""Drafting: a batch from nothing to sent, in the name of whoever is signed in. Every step is written down."""

import secrets
from collections.abc import Iterable
from typing import Any

from models.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from models.liaison import (
    PREFIXES,
    Batch,
    BatchContent,
    BatchRow,
    Checked,
    LetterKind,
    LiaisonAct,
    LiaisonEvent,
    NoticeMark,
    Party,
    PlatformMapping,
    changed,
    checked_off,
    drafted,
    mapping_of,
    require_sender,
    sent,
    signed,
    usual_mapping,
    usual_request,
)
from models.moments import SHANGHAI
from models.organisations import OrganisationKind
from models.referrals import Referral
from review_api.access.referring import received
from review_api.cases.rights import require_rights
from review_api.desk import Desk
from review_api.liaison.sources import marks_of, rows_of_case, rows_of_referrals
from review_api.sessions import Visitor

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another


def new_batch(
    at_desk: Desk,
    caller: Visitor,
    kind: LetterKind,
    *,
    platform: str = "",
    receiver_id: str = "",
    mapping: str = "",
    referrals: Iterable[str] = (),
    holder_id: str = "",
    case_number: str = "",
) -> Batch:
    """A draft, filled with what is known. Raises `InputError` for a letter that such an organisation does not send,
    `NotFoundError` for a platform, referral or case lead that is not there."""
    require_sender(kind, caller.organisation.kind)
    platform = _platform(at_desk, platform, receiver_id)
    body: dict[str, Any] = {
        "kind": kind,
        "platform": platform,
        "receiver_id": receiver_id,
        "mapping": mapping or usual_mapping(platform, at_desk.settings.platform_mappings),
        "asked": usual_request(kind),
        "sender": Party(name=caller.organisation.name[:200]),
    }
    mapping_of(body["mapping"], at_desk.settings.platform_mappings)
    if kind is LetterKind.NOTICE:
        body |= _of_holder(at_desk, caller, tuple(referrals), platform, holder_id)
    elif case_number:
        dossier = at_desk.store.case_leads.get(caller.organisation_id, case_number).dossier
        rows = rows_of_case(dossier, platform)
        body |= {
            "case_number": case_number,
            "second_officer": dossier.second_officer[:200],
            "rows": rows,
            "marks": marks_of(dossier.marks, rows),
        }
    at = at_desk.clock()
    batch = drafted(
        _as_before(at_desk, caller, BatchContent.model_validate(body)),
        organisation_id=caller.organisation_id,
        sender_kind=caller.organisation.kind,
        batch_id=_new_id(kind, f"{at.astimezone(SHANGHAI):%Y%m%d}"),
        by=caller.account.name,
        at=at,
    )
    at_desk.store.liaison.add(batch, _event(at_desk, caller, batch, LiaisonAct.MADE))
    return batch


def edit(at_desk: Desk, caller: Visitor, batch: Batch, content: BatchContent, *, revision: int) -> Batch:
    """Other content. What speaks against a row stays with it, and so does where it came from; a signature is void."""
    _require_seen(batch, revision)
    mapping_of(content.mapping, at_desk.settings.platform_mappings)
    kept = content.model_copy(
        update={
            "rows": tuple(_with_cautions(row, batch) for row in content.rows),
            "receiver_id": batch.body.receiver_id,
            "platform": batch.body.platform,
            "case_number": batch.body.case_number,
            "holder_id": batch.body.holder_id,
        }
    )
    after = changed(batch, kept, at=at_desk.clock())
    return at_desk.store.liaison.save(batch, after, _voided(at_desk, caller, batch, after, LiaisonAct.CHANGED))


def check(at_desk: Desk, caller: Visitor, batch: Batch, given: Iterable[Checked], *, revision: int) -> Batch:
    """Doubts checked off, in the caller's name; a signature is void."""
    _require_seen(batch, revision)
    after = checked_off(batch, given, by=caller.account.name, at=at_desk.clock())
    return at_desk.store.liaison.save(batch, after, _voided(at_desk, caller, batch, after, LiaisonAct.CHECKED))


def sign(at_desk: Desk, caller: Visitor, batch: Batch, *, name: str, revision: int) -> Batch:
    """Signed by the caller. Raises what `models.liaison.signed` raises; `ForbiddenError` for an agent whose power of
    attorney is over or does not cover the marks; for a letter resting on a case lead what `require_rights` raises."""
    _require_seen(batch, revision)
    _require_power(at_desk, caller, batch)
    if batch.body.case_number:
        require_rights(at_desk, caller, batch.body.case_number)
    after = signed(batch, mapping_for(at_desk, batch), by=caller.account.name, name=name, at=at_desk.clock())
    event = _event(at_desk, caller, after, LiaisonAct.SIGNED, reason=after.letter.digest)
    return at_desk.store.liaison.save(batch, after, (event,))


def send(at_desk: Desk, caller: Visitor, batch: Batch, *, revision: int) -> Batch:
    """On its way to the platform. Raises what `models.liaison.sent` raises."""
    _require_seen(batch, revision)
    require_sender(batch.body.kind, caller.organisation.kind)
    _require_power(at_desk, caller, batch)
    after, letter = sent(batch, by=caller.account.name, at=at_desk.clock())
    event = _event(at_desk, caller, after, LiaisonAct.SENT, receiver=batch.body.platform)
    return at_desk.store.liaison.send(batch, after, letter, event)


def withdraw(at_desk: Desk, caller: Visitor, batch: Batch, *, reason: str, revision: int) -> tuple[str, ...]:
    """Taken back; returns everybody who has to be told. The platform sees it with the letter."""
    _require_seen(batch, revision)
    return at_desk.store.liaison.withdraw(batch, reason=reason, by=caller.account.name, at=at_desk.clock())


def mapping_for(at_desk: Desk, batch: Batch) -> PlatformMapping:
    return mapping_of(batch.body.mapping, at_desk.settings.platform_mappings)


def _platform(at_desk: Desk, platform: str, receiver_id: str) -> str:
    """Whom it goes to: the name of a platform that has people here, or what was written."""
    if not receiver_id:
        if not platform.strip():
            raise InputError("a batch names its platform", where="platform", mend="choose one or write its name")
        return platform.strip()
    found = next(
        (each for each in at_desk.store.organisations.platforms() if each.organisation_id == receiver_id), None
    )
    if found is None:
        raise NotFoundError("no such platform", where=receiver_id, mend="choose one of the list, or write its name")
    return found.name


def _of_holder(
    at_desk: Desk, caller: Visitor, referral_ids: tuple[str, ...], platform: str, asked: str
) -> dict[str, Any]:
    """What a notice takes from leads that were referred: rows, marks, and for whom it is."""
    by_id = {each.referral_id: each for each in received(at_desk, caller)}
    chosen: list[Referral] = []
    for referral_id in dict.fromkeys(referral_ids):
        if referral_id not in by_id:
            raise NotFoundError("no such referral", where=referral_id)
        chosen.append(by_id[referral_id])
    holders = {each.holder_id for each in chosen} | ({asked} if asked else set())
    if len(holders) > 1:
        raise InputError("a notice is for one rights holder", where="referrals", mend="make one batch for each")
    rows = rows_of_referrals(chosen, platform)
    marks = {mark.mark_id: mark for each in chosen for mark in each.projection.marks}
    is_agent = caller.organisation.kind is OrganisationKind.AGENT
    holder_id = next(iter(holders), "" if is_agent else caller.organisation_id)
    powers = at_desk.store.organisations.powers_of(caller.organisation_id, at=at_desk.clock())
    if holder_id not in {caller.organisation_id, ""} and holder_id not in {each.holder_id for each in powers}:
        raise NotFoundError("no such rights holder", where=holder_id, mend="choose one that you act for")
    named = next((mark.holder for mark in marks.values() if mark.holder), "")
    return {
        "holder_id": holder_id,
        "holder": Party(name=(named if is_agent else caller.organisation.name)[:200]),
        "rows": rows,
        "marks": marks_of(marks.values(), rows),
    }


def _as_before(at_desk: Desk, caller: Visitor, body: BatchContent) -> BatchContent:
    """With the parties and certificates of the newest batch of the same kind and holder: nobody types them twice."""
    for each in at_desk.store.liaison.find(caller.organisation_id, limit=20).batches:
        before = each.body
        if before.kind is body.kind and before.holder_id == body.holder_id:
            certificates = {mark.mark_id: mark.certificate for mark in before.marks if mark.certificate}
            return body.model_copy(
                update={
                    "sender": before.sender,
                    "holder": before.holder,
                    "warrant": before.warrant,
                    "marks": tuple(_certified(mark, certificates) for mark in body.marks),
                }
            )
    return body


def _certified(mark: NoticeMark, certificates: dict[str, Any]) -> NoticeMark:
    return mark.model_copy(update={"certificate": mark.certificate or certificates.get(mark.mark_id)})


def _with_cautions(row: BatchRow, batch: Batch) -> BatchRow:
    """A row keeps what speaks against it, whatever else of it is edited; nobody edits that away, or in."""
    for before in batch.body.rows:
        same_lead = bool(row.lead_id) and row.lead_id == before.lead_id
        if same_lead or (row.item_id and row.item_id == before.item_id):
            return row.model_copy(update={"cautions": before.cautions, "lead_id": before.lead_id})
    return row.model_copy(update={"cautions": (), "lead_id": ""})


def _require_power(at_desk: Desk, caller: Visitor, batch: Batch) -> None:
    """An agent signs and sends within its power of attorney alone."""
    if caller.organisation.kind is not OrganisationKind.AGENT:
        return
    powers = at_desk.store.organisations.powers_of(caller.organisation_id, at=at_desk.clock())
    power = next((each for each in powers if each.holder_id == batch.body.holder_id), None)
    covered = power is not None and (
        not power.mark_ids or {mark.mark_id for mark in batch.body.marks} <= set(power.mark_ids)
    )
    if not covered:
        raise ForbiddenError(
            "no power of attorney for this holder and these marks is in force",
            where=f"batch {batch.batch_id}",
            mend="have the holder's power of attorney recorded first",
        )


def _require_seen(batch: Batch, revision: int) -> None:
    if batch.revision != revision:
        raise ConflictError(
            "the batch was changed by somebody else",
            where=f"batch {batch.batch_id}",
            mend="load it again and decide on what it says now",
        )


def _voided(at_desk: Desk, caller: Visitor, before: Batch, after: Batch, act: LiaisonAct) -> tuple[LiaisonEvent, ...]:
    """The change, and that it voided a signature where there was one."""
    told = _event(at_desk, caller, after, act)
    if before.signature is None:
        return (told,)
    return told, _event(at_desk, caller, after, LiaisonAct.VOIDED, reason=before.signature.digest)


def _event(at_desk: Desk, caller: Visitor, batch: Batch, act: LiaisonAct, **more: Any) -> LiaisonEvent:
    return LiaisonEvent(
        organisation_id=caller.organisation_id,
        batch_id=batch.batch_id,
        act=act,
        by=caller.account.name,
        at=at_desk.clock(),
        **more,
    )


def _new_id(kind: LetterKind, day: str) -> str:
    """Kind, day, and eight letters that nobody guesses: `TZ20261125-7K3M9Q2A`."""
    return f"{PREFIXES[kind]}{day}-{''.join(secrets.choice(LETTERS) for _ in range(8))}"
