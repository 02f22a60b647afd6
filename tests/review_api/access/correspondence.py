"""Letters between the tenants: a draft for everybody who writes, a notice that a platform received and answered, and
letters of each unit to a platform that has nobody here."""

from datetime import timedelta
from typing import Any

from models.liaison import (
    AnswerFile,
    Batch,
    Document,
    LetterKind,
    LiaisonAct,
    LiaisonEvent,
    RowAnswer,
    RowState,
    Statement,
)
from models.organisations import OrganisationKind
from tests.models.liaison.samples import AT, content, draft, row, sent_batch, signed_batch
from tests.review_api.world import World

K = OrganisationKind
WRITERS = {"qingchuan": K.RIGHTS_HOLDER, "yunduolu": K.RIGHTS_HOLDER, "zhihe": K.AGENT}
# How each mapping writes its answers: headings, and the word for a row that was received.
WRITTEN = {"yunjishi": ("投诉批次,宝贝编号,处理结论", "受理"), "general": ("批次号,商品ID,处理结果", "已签收")}
UNITS = {"linhai": K.SUPERVISION, "qiaonan": K.SUPERVISION, "youzheng": K.POSTAL_SUPERVISION}


def correspond(world: World, things: dict[str, dict[str, str]]) -> None:
    """Give everybody their batches and letters, and say what they are."""
    for organisation_id, kind in WRITERS.items():
        batch = draft(
            organisation_id=organisation_id, sender_kind=kind, batch_id=f"TZ20260316-{_name(organisation_id)}"
        )
        _add(world, batch)
        things[organisation_id] |= {"batch": batch.batch_id, "file": "csv"}
    for unit, kind in UNITS.items():
        spare = draft(
            _advice(world, unit), organisation_id=unit, sender_kind=kind, batch_id=f"GZ20260316-{_name(unit)}"
        )
        _add(world, spare)
        sent = _send(world, spare.model_copy(update={"batch_id": f"GZ20260317-{_name(unit)}"}))
        things[unit] |= {"batch": spare.batch_id, "file": "csv", **_answered(world, sent, unit)}
    notice = draft(
        content(row(1, evidence=(_evidence(world, "qingchuan"),)), row(2), row(3)), batch_id="TZ20260317-AAAA2222"
    )
    sent = _send(world, notice)
    shared = _answered(world, sent, "yunjishi")
    statement = Statement(item_id="73001", words="系正品", reached_at=AT + timedelta(days=1))
    world.store.liaison.tell(_event(sent, LiaisonAct.STATED, "yunjishi", statement=statement), seen=None)
    shared |= {"statement": statement.statement_id}
    things["yunjishi"] |= {**shared, "file": "csv"}
    things["qingchuan"] |= {name: thing for name, thing in shared.items() if name != "answers"}


def _advice(world: World, unit: str) -> Any:
    return content(
        row(1, platform="某平台", reason="advice", evidence=(_evidence(world, unit),)),
        row(3, platform="某平台", reason="advice"),
        kind=LetterKind.ADVICE, platform="某平台", receiver_id="", mapping="general", holder={}, holder_id="",
        declared=False, reference="1号", second_officer="吴", marks=(),
    )  # fmt: skip


def _evidence(world: World, whose: str) -> Document:
    return Document(name="页面采集", sha256=world.objects.put(f"evidence of {whose}".encode()))


def _add(world: World, batch: Batch) -> None:
    world.store.liaison.add(batch, _event(batch, LiaisonAct.MADE, batch.organisation_id))


def _send(world: World, batch: Batch) -> Batch:
    _add(world, batch)
    ready = world.store.liaison.save(
        batch, signed_batch(batch), (_event(batch, LiaisonAct.SIGNED, batch.organisation_id),)
    )
    after, letter = sent_batch(batch)
    told = _event(batch, LiaisonAct.SENT, batch.organisation_id, receiver=batch.body.platform)
    return world.store.liaison.send(ready, after, letter, told)


def _answered(world: World, batch: Batch, whose: str) -> dict[str, str]:
    """The platform's side of a letter: a row that was removed, and a file that was looked at."""
    removed = RowAnswer(item_id="73001", state=RowState.REMOVED)
    world.store.liaison.tell(_event(batch, LiaisonAct.ANSWERED, whose, answers=(removed,)), seen=None)
    headings, word = WRITTEN[batch.body.mapping]
    data = f"{headings}\r\n{batch.batch_id},73003,{word}\r\n".encode()
    sha256 = world.objects.put(data)
    file = AnswerFile(organisation_id=whose, batch_id=batch.batch_id, sha256=sha256, name="a.csv", by="x", at=AT)
    world.store.liaison.keep_file(file)
    document = batch.body.rows[0].evidence[0].sha256
    return {"letter": batch.batch_id, "answers": sha256, "document": document}


def _event(batch: Batch, act: LiaisonAct, whose: str, **more: Any) -> LiaisonEvent:
    at = AT + timedelta(hours=1)
    return LiaisonEvent(organisation_id=whose, batch_id=batch.batch_id, act=act, by="matrix", at=at, **more)


def _name(organisation_id: str) -> str:
    return organisation_id.upper()[:8].ljust(8, "X")
