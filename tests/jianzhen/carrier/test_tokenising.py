"""Nothing personal leaves the carrier's side: tokens, divisions and cleaned texts only."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from jianzhen.carrier import tokenising
from jianzhen.carrier.columns import COLUMNS, DROPPED
from jianzhen.carrier.keys import Keys
from jianzhen.carrier.tokenising import tokenise
from models.formats.reasons import RowFault
from models.subjects import ParcelRecord

KEYS = Keys(parcel=bytes(range(32)), sender=bytes(range(32, 64)))
ROW = {
    "运单号": "DM0000000001",
    "快递公司": "示例速递",
    "收寄时间": "2026-11-20 09:12:00",
    "寄件人": "钱晓鹿",
    "寄件人电话": "19912345678",
    "寄件地址": "浙江省杭州市西湖区示例路1号",
    "收件人": "周一一",
    "收件人电话": "19987654321",
    "收件地址": "江苏省苏州市姑苏区样例巷2号",
    "品名": "纸尿裤",
    "数量": "2",
    "收寄验视": "未验视",
    "实名收寄": "已实名",
}


def record_of(**changes: Any) -> ParcelRecord:
    return tokenise({**ROW, **changes}, KEYS)[0]


def test_a_row_becomes_tokens_divisions_flags_and_numbers() -> None:
    record, way_back = tokenise(ROW, KEYS)
    assert record.parcel_token == KEYS.token("parcel", "示例速递|DM0000000001")
    assert record.sender_token == KEYS.token("sender", "phone|19912345678")
    assert (record.origin, record.destination) == ("浙江省杭州市西湖区", "江苏省苏州市")
    assert (record.declared_goods, record.declared_quantity) == ("纸尿裤", 2)
    assert (record.inspected_at_acceptance, record.real_name_verified, record.xray_screened) == (False, True, None)
    assert record.accepted_at is not None
    assert record.accepted_at.isoformat() == "2026-11-20T01:12:00+00:00"
    assert (way_back.waybill, way_back.parcel_token) == ("DM0000000001", record.parcel_token)


def test_one_sender_has_one_token_however_the_phone_is_written() -> None:
    written = ("19912345678", "+8619912345678", "0086 199-1234-5678", "１９９１２３４５６７８")
    assert len({record_of(寄件人电话=phone).sender_token for phone in written}) == 1
    assert record_of(寄件人电话="19912345679").sender_token != record_of().sender_token


def test_a_masked_phone_makes_no_token() -> None:
    assert record_of(寄件人电话="199****5678", 寄件人="钱**").sender_token == ""


def test_keys_and_purposes_give_unrelated_tokens() -> None:
    other = replace(KEYS, parcel=bytes(32))
    assert tokenise(ROW, other)[0].parcel_token != record_of().parcel_token
    assert KEYS.token("parcel", "x") != KEYS.token("sender", "x")


def test_a_firm_keeps_its_credit_code_and_a_person_never_passes_for_one() -> None:
    firm = record_of(寄件单位信用代码="91330106MA2EXAMPL9")
    assert (firm.sender_uscc, firm.sender_token) == ("91330106MA2EXAMPL9", "")
    for identity in ("110101199003074514", "11010119900307451X", "123456199001015678"):
        person = record_of(寄件单位信用代码=identity)
        assert person.sender_uscc == ""
        assert identity not in person.model_dump_json()


@pytest.mark.parametrize("missing", ["运单号", "快递公司"])
def test_a_row_without_its_key_is_refused_without_its_values(missing: str) -> None:
    with pytest.raises(RowFault) as fault:
        tokenise({**ROW, missing: ""}, KEYS)
    assert "钱晓鹿" not in str(fault.value)


def test_a_bad_time_is_refused_without_repeating_it() -> None:
    with pytest.raises(RowFault) as fault:
        record_of(收寄时间="钱晓鹿 19912345678")
    assert "199" not in str(fault.value)


def test_events_keep_time_division_and_code_alone() -> None:
    route = [
        {"time": "2026-11-21T08:00:00+08:00", "place": "上海口岸 钱晓鹿", "description": "清关完成, 电话19912345678"},
        {"time": "2026-11-20T08:00:00+08:00", "place": "日本东京", "code": "accepted", "courier": "钱晓鹿"},
        {"time": "不详", "place": "杭州"},
    ]
    for events in (route, json.dumps(route, ensure_ascii=False)):
        record = record_of(轨迹=events)
        assert [(event.place, event.code) for event in record.events] == [("日本", "accepted"), ("上海市", "customs")]


PERSONAL_COLUMNS = [names[-1] for ours, names in COLUMNS.items() if ours in DROPPED]
OPEN_COLUMNS = ["品名", "物品类别", "收寄网点", "订单号", "商品编号", "寄件地", "目的地", "客服备注", "轨迹", "数量"]


def leaks(trials: int) -> list[tuple[str, str]]:
    """Plant personal values in their own columns and in any other, alone, glued or spaced; returns (canary, record) for
    every record that repeats one."""
    chance = random.Random(7)
    found = []
    for _ in range(trials):
        name = "".join(chance.sample("钱孙李周吴郑王冯陈褚卫蒋沈韩杨", chance.randint(2, 4)))
        phone = f"1{chance.choice('3589')}{chance.randrange(10**9):09d}"
        address = f"浙江省杭州市西湖区{name}路{chance.randrange(1, 999)}号{chance.randrange(1, 30)}单元"
        row = dict(ROW, 寄件人=name, 寄件人电话=phone, 寄件地址=address, 收件人=name[::-1], 收件地址=address)
        planted = chance.choice([name, phone, address, f"{name}{phone}", f"{phone[:3]} {phone[3:7]} {phone[7:]}"])
        row[chance.choice(OPEN_COLUMNS)] = chance.choice(["", "手机壳 ", "给"]) + planted
        said = tokenise(row, KEYS)[0].model_dump_json()
        flat = said.replace(" ", "").replace("-", "")
        found += [(canary, said) for canary in (name, name[::-1], phone, address) if canary in flat]
    return found


def test_canaries_never_pass_whichever_column_holds_them() -> None:
    assert not leaks(2_000)


@pytest.mark.parametrize("rule", ["clean_text", "clean_code", "reduce_place"])
def test_the_canaries_see_each_rule_that_is_missing(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """Negative control: without any one of the rules, the same look finds a leak."""
    monkeypatch.setattr(tokenising, rule, lambda text, *_, **__: text)
    assert leaks(300)
