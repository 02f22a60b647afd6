"""The registry's files."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import FileRejected
from models.formats import (
    Rejects,
    read_authorised,
    read_goods,
    read_marks,
    read_numbers,
    read_operators,
    read_penalties,
)
from models.registry import Fame, MarkKind, MarkStatus, Relation

USCC = "91310000MA1FL0000X"


def table(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, "utf-8")
    return path


def test_marks(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "mark_id,text,holder,nice_classes,kind,aliases,valid_from,valid_to,status,fame,images,vienna\n"
        "M1,晴川,晴川公司,3;第30类,combined,QINGCHUAN;清川,2020/1/2,2030年1月2日,registered,time_honoured,logos/a.png,5.3\n"
        "M2,云朵鹿,,,,,,,,,,\n"
        "M3,,,,device,,,,,,,\n"
        "M4,白鹭泉,,99,,,,,,,,\n"
        "M5,白鹭泉,,,figurative,,,,,,,\n"
        "M6,白鹭泉,,,,,sometime,,,,,\n"
        "M1,again,,,,,,,,,,\n",
    )
    rejects = Rejects()
    marks = read_marks(path, rejects)
    assert [mark.mark_id for mark in marks] == ["M1", "M2"]
    first = marks[0]
    assert (first.nice_classes, first.kind, first.aliases) == ((3, 30), MarkKind.COMBINED, ("QINGCHUAN", "清川"))
    assert (first.valid_from, first.valid_to) == (date(2020, 1, 2), date(2030, 1, 2))
    assert (first.status, first.fame) == (MarkStatus.REGISTERED, Fame.TIME_HONOURED)
    assert first.images == (str(tmp_path / "logos/a.png"),)
    assert first.attributes == {"vienna": "5.3"}
    assert marks[1].nice_classes == ()
    assert [(entry["line"], entry["code"]) for entry in rejects.samples] == [
        (4, "images-required"), (5, "not-a-class"), (6, "not-a-choice"), (7, "not-a-date"), (8, "duplicate")
    ]  # fmt: skip


def test_every_refusal_says_in_both_languages_how_to_mend(tmp_path: Path) -> None:
    rejects = Rejects()
    read_marks(table(tmp_path, "mark_id,text,kind\nM1,晴川,figurative\n"), rejects)
    entry = rejects.samples[0]
    assert "word, device, combined, gi" in str(entry["reason"])
    assert "use one of" in str(entry["reason_en"])


def test_goods_keep_a_price_on_request(tmp_path: Path) -> None:
    rejects = Rejects()
    path = table(
        tmp_path,
        'goods_id,mark_id,name,specification,reference_price,currency\nG1,M1,洗衣液,500ml*6,"¥1,299.00",\nG2,M1,皂,,面议,CNY\n',
    )
    goods = read_goods(path, rejects)
    assert (goods[0].reference_price, goods[0].currency) == (Decimal("1299.00"), "CNY")
    assert (goods[1].reference_price, goods[1].currency) == (None, "CNY")
    assert rejects.counts == {"price-on-request": 1}


def test_an_authorisation_for_nobody_is_refused(tmp_path: Path) -> None:
    rejects = Rejects()
    path = table(
        tmp_path,
        f"mark_id,platform,seller_name,relation,uscc\nM1,,晴川店,licensee,{USCC}\nM1,云市,,,\nM1,云市,晴川店,,\n",
    )
    sellers = read_authorised(path, rejects)
    assert [(seller.platform, seller.relation, seller.uscc) for seller in sellers] == [
        ("", Relation.LICENSEE, USCC), ("云市", Relation.AUTHORISED_SELLER, "")
    ]  # fmt: skip
    assert rejects.samples[0]["code"] == "missing"


def test_operators_and_penalties(tmp_path: Path) -> None:
    rejects = Rejects()
    operators = read_operators(
        table(tmp_path, f"uscc,name,permits,status\n{USCC},晴川公司,食品;医疗器械,存续\n123,x,,\n"), rejects
    )
    assert operators[0].permits == ("食品", "医疗器械")
    assert rejects.samples[0]["code"] == "not-a-uscc"
    text = (
        f"uscc,decided_on,authority,case_no,ground,amount,mark_text\n{USCC},2025-04-01,某市局,1号,商标法57,2万元,晴川\n"
    )
    penalty = read_penalties(table(tmp_path, text), Rejects())[0]
    assert (penalty.decided_on, penalty.amount) == (date(2025, 4, 1), Decimal(20000))


def test_numbers(tmp_path: Path) -> None:
    rejects = Rejects()
    text = "kind,number,holder,product,valid_to\nPatent,ZL2017.3,晴川公司,护手霜,2037/7/1\nfood,,,,\ngi,AGI1,,,某日\n"
    numbers = read_numbers(table(tmp_path, text), rejects)
    assert [(row.kind, row.number, row.valid_to) for row in numbers] == [("patent", "ZL2017.3", date(2037, 7, 1))]
    assert [sample["code"] for sample in rejects.samples] == ["missing", "not-a-date"]


@pytest.mark.parametrize(
    "read", [read_marks, read_goods, read_authorised, read_operators, read_penalties, read_numbers]
)
def test_a_header_without_what_is_needed_refuses_the_file(tmp_path: Path, read: object) -> None:
    assert callable(read)
    with pytest.raises(FileRejected, match="表头缺少列"):
        read(table(tmp_path, "colour\nred\n"), Rejects())
