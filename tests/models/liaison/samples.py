"""A notice that lacks nothing, and what to break in it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from models.liaison import (
    Batch,
    BatchContent,
    BatchRow,
    Caution,
    Checked,
    Document,
    LetterKind,
    NoticeMark,
    Party,
    PlatformMapping,
    SentLetter,
    checked_off,
    drafted,
    mapping_of,
    sent,
    signed,
)
from models.organisations import OrganisationKind

AT = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)
FILE = Document(name="商标注册证", sha256="a" * 64)
PLATFORM = "云集市"


def mapping() -> PlatformMapping:
    return mapping_of("yunjishi")


def row(number: int, **more: Any) -> BatchRow:
    return BatchRow(
        **{
            "item_id": f"7300{number}",
            "url": f"https://shop.example.cn/item/7300{number}",
            "platform": PLATFORM,
            "title": f"睛川 绿茶 {number}",
            "seller": "茗香源茶行",
            "price": "59.90",
            "currency": "CNY",
            "mark_id": "QC-30",
            "reason": "102",
            "words": "标题以形近字书写商标文字。",
            "evidence": (Document(name="页面采集", sha256=f"{number:064x}"),),
            **more,
        }
    )


def content(*rows: BatchRow, **more: Any) -> BatchContent:
    party = Party(name="晴川茶业有限公司", code="91330100MA0000000X", contact="0571-0000000")
    mark = NoticeMark(
        mark_id="QC-30", text="晴川", registration_no="90000001", nice_classes=(30,), holder=party.name,
        valid_to=date(2028, 4, 30), certificate=FILE,
    )  # fmt: skip
    return BatchContent(
        **{
            "kind": LetterKind.NOTICE,
            "platform": PLATFORM,
            "receiver_id": "yunjishi",
            "mapping": "yunjishi",
            "holder_id": "qingchuan",
            "sender": party,
            "holder": party,
            "marks": (mark,),
            "rows": rows or (row(1), row(2, cautions=(Caution(code="second-hand", zh="标题写明二手"),)), row(3)),
            "asked": "请采取必要措施。",
            "declared": True,
            **more,
        }
    )


def draft(body: BatchContent | None = None, **more: Any) -> Batch:
    return drafted(
        body or content(),
        **{
            "organisation_id": "qingchuan",
            "sender_kind": OrganisationKind.RIGHTS_HOLDER,
            "batch_id": "TZ20260316-AAAA2222",
            "by": "wang",
            "at": AT,
            **more,
        },
    )


def all_checked(batch: Batch) -> Batch:
    found = batch.preview(mapping_of(batch.body.mapping), at=AT)
    given = tuple(Checked(doubt_id=each, words="已核对") for each in found.unchecked)
    return checked_off(batch, given, by="wang", at=AT) if given else batch


def signed_batch(batch: Batch | None = None) -> Batch:
    ready = all_checked(batch or draft())
    return signed(ready, mapping_of(ready.body.mapping), by="wang", name="王晴", at=AT)


def sent_batch(batch: Batch | None = None) -> tuple[Batch, SentLetter]:
    return sent(signed_batch(batch), by="wang", at=AT + timedelta(minutes=5))
