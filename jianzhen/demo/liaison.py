"""The demo's letter to a platform: a rights holder's notice, signed and sent, answered by the platform's liaison, with
one statement whose clock runs.

Owns who does what in the tale. Every step goes through the services that the console uses.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

from jianzhen.commands.user import add_account
from jianzhen.engine import Engine
from models.errors import InputError
from models.leads import Disposition, Lead
from models.liaison import (
    Batch,
    BatchContent,
    Checked,
    Document,
    LetterKind,
    Party,
    RowState,
    Statement,
)
from models.moments import now
from models.organisations import Organisation, OrganisationKind, Role, holder_key
from models.referrals import refer
from models.registry import Mark
from models.subjects import Listing
from review_api.desk import Desk
from review_api.exports.documents import missing_for_pdf
from review_api.liaison import answering, drafting
from review_api.liaison.files import letter_file
from review_api.liaison.uploads import Upload
from review_api.sessions import Visitor

LIAISON, OFFICER, SHOWN = "liaison", "demo", "林舟（平台联络人，虚构）"
MOST_ROWS = 3


@dataclass(frozen=True)
class Correspondence:
    """A letter at the end of its tale: its batch, how many rows stand how, when the statement is due, its files, and
    the password of the platform's liaison."""

    batch_id: str
    platform: str
    states: dict[RowState, int]
    due_on: date | None
    files: tuple[Path, ...]
    password: str


class LiaisonDesk:
    """The demo's holder and the platform's liaison at work; files go into `folder`."""

    def __init__(self, engine: Engine, organisation_id: str, folder: Path) -> None:
        self._engine, self._unit, self._folder = engine, organisation_id, folder
        self._desk = Desk(engine.store, engine.objects, engine.screening, engine.settings.review, now)

    def play(self, leads: Iterable[Lead], holder_id: str) -> Correspondence | None:
        """The tale; nothing where the shops left no lead on a mark of this holder."""
        store = self._engine.store
        holder = store.organisations.get(holder_id)
        marks = store.registry.current(self._unit).mark_by_id
        chosen = [each for each in leads if _is_on(each, holder.name, marks)][:MOST_ROWS]
        if not chosen:
            return None
        platform = Organisation(
            organisation_id=LIAISON, kind=OrganisationKind.PLATFORM, name=chosen[0].screening.subject.key.platform
        )
        liaison, password = self._admit(platform)
        (editor,) = store.accounts.all(holder_id)
        batch = self._send(Visitor(editor, "", holder), platform, self._refer(chosen, holder))
        self._answer(liaison, batch)
        return self._told(liaison, batch, password)

    def _admit(self, platform: Organisation) -> tuple[Visitor, str]:
        """The platform with its liaison, and the liaison's password."""
        store, name = self._engine.store, platform.organisation_id
        store.organisations.save(platform)
        password = add_account(store, name, name, secrets.token_urlsafe(9), display_name=SHOWN, roles=(Role.LIAISON,))
        (account,) = store.accounts.all(name)
        return Visitor(account, "", platform), password

    def _refer(self, leads: list[Lead], holder: Organisation) -> list[str]:
        """The officer hands the holder its part of these leads."""
        store = self._engine.store
        unit, made = store.organisations.get(self._unit), []
        for lead in leads:
            registry = store.registry.at_version(self._unit, lead.screening.registry_version)
            referral = refer(lead, registry, holder, unit=unit, referral_id=uuid4().hex, by=OFFICER, at=now())
            store.referrals.add(referral)
            made.append(referral.referral_id)
        return made

    def _send(self, holder: Visitor, platform: Organisation, referrals: list[str]) -> Batch:
        """Drafted from what was referred, completed, checked off, signed and sent."""
        desk = self._desk.acting_for(holder.organisation_id)
        batch = drafting.new_batch(
            desk, holder, LetterKind.NOTICE, receiver_id=platform.organisation_id, referrals=referrals
        )
        batch = drafting.edit(desk, holder, batch, self._completed(batch), revision=batch.revision)
        found = batch.preview(drafting.mapping_for(desk, batch), at=now())
        given = [
            Checked(doubt_id=each, words="已逐行核对页面与授权名录（虚构的核对意见）。") for each in found.unchecked
        ]
        batch = drafting.check(desk, holder, batch, given, revision=batch.revision)
        batch = drafting.sign(desk, holder, batch, name="晴岚", revision=batch.revision)
        return drafting.send(desk, holder, batch, revision=batch.revision)

    def _completed(self, batch: Batch) -> BatchContent:
        """What a person fills in. Raises `InputError` where the draft has no rows."""
        body = batch.body
        if not body.rows:
            raise InputError("the demo's letter has no rows", where=batch.batch_id)
        party = Party(name=body.holder.name, code="91330100MA0000000X", contact="0571-00000000（虚构）")
        marks = []
        for mark in body.marks:
            number = mark.registration_no or "90000000"
            told = f"商标注册证（虚构）\n商标：{mark.text}\n注册号：{number}\n注册人：{body.holder.name}\n"
            certificate = self._kept(f"商标注册证-{number}（虚构）.txt", told, "权利人提供")
            marks.append(mark.model_copy(update={"certificate": certificate, "registration_no": number}))
        rows = []
        for row in body.rows:
            told = f"页面记录（虚构）\n{row.url}\n{row.title}\n"
            evidence = row.evidence or (self._kept(f"页面记录-{row.item_id}（虚构）.txt", told, "权利人记录"),)
            told_why = row.words or "见所附页面记录。"
            rows.append(row.model_copy(update={"reason": "102", "evidence": evidence, "words": told_why}))
        filled = {"sender": party, "holder": party, "declared": True, "marks": tuple(marks), "rows": tuple(rows)}
        return body.model_copy(update=filled)

    def _kept(self, name: str, told: str, source: str) -> Document:
        """A file of the demo's folder, named by its hash."""
        self._folder.mkdir(parents=True, exist_ok=True)
        data = told.encode()
        (self._folder / name).write_bytes(data)
        return Document(name=name, sha256=hashlib.sha256(data).hexdigest(), source=source)

    def _answer(self, liaison: Visitor, batch: Batch) -> None:
        """The first row is removed and its shop declares; the second is refused; the rest is received."""
        desk = self._desk.acting_for(liaison.organisation_id)
        items = [row.item_id for row in batch.body.rows]
        words = [("下架", ""), ("材料不足", "请补充与正品的比对说明（虚构）"), *[("受理", "")] * MOST_ROWS]
        lines = [f"{batch.batch_id},{item},{answer},{why}" for item, (answer, why) in zip(items, words, strict=False)]
        table = "\r\n".join(["投诉批次,宝贝编号,处理结论,结论理由", *lines]) + "\r\n"
        looked = answering.look_at(desk, liaison, batch.batch_id, Upload("回执.csv", table.encode("utf-8-sig")))
        seen = answering.opened(desk, liaison, batch.batch_id).progress.revision
        answering.take(desk, liaison, batch.batch_id, looked.sha256, seen=seen)
        statement = Statement(
            item_id=items[0],
            declared_by=batch.body.rows[0].seller,
            words="本店商品有合法进货来源，附进货凭证（虚构）。",
            reached_at=now(),
        )
        answering.state(desk, liaison, batch.batch_id, statement, seen=seen + 1)

    def _told(self, liaison: Visitor, batch: Batch, password: str) -> Correspondence:
        desk = self._desk.acting_for(liaison.organisation_id)
        self._folder.mkdir(parents=True, exist_ok=True)
        files = []
        for kind in ("xlsx", "docx", *(() if missing_for_pdf() else ("pdf",))):
            made = letter_file(desk, liaison, batch.batch_id, kind, "zh")
            path = self._folder / made.name
            path.write_bytes(made.data)
            files.append(path)
        progress = answering.opened(desk, liaison, batch.batch_id).progress
        due = next((each.due_on for each in progress.statements), None)
        states = {state: count for state, count in progress.counts.items() if count}
        return Correspondence(batch.batch_id, batch.body.platform, states, due, tuple(files), password)


def _is_on(lead: Lead, holder: str, marks: dict[str, Mark]) -> bool:
    """Whether a lead that nobody dismissed is on a listing and on a mark of this holder that is in force."""
    mark = marks.get(lead.screening.assessment.mark_id or "")
    on_page = isinstance(lead.screening.subject, Listing) and lead.disposition is not Disposition.DISMISSED
    return bool(on_page and mark and mark.in_force(now()) and holder_key(mark.holder) == holder_key(holder))
