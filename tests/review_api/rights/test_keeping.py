"""Holders and agents keep their own marks, and nothing else of a unit's registry."""

import hashlib
import threading

import pytest

from models.moments import now
from models.organisations import Role
from models.registry import Mark
from tests.review_api import drawings
from tests.review_api.conftest import Caller
from tests.review_api.rights.conftest import AGENT, HOLDER, PLACE, Everybody
from tests.review_api.world import World

AT = "/api/v1/rights"
MARK = f"{AT}/marks/QC-30"


def etag(caller: Caller, path: str = MARK) -> dict[str, str]:
    return {"If-Match": caller.get(path).headers["etag"]}


def test_a_holder_sees_its_own_marks_alone(editor: Caller, rival: Caller) -> None:
    (place,) = editor.get(AT).json()
    assert (place["place"], [mark["mark_id"] for mark in place["marks"]]) == (PLACE, ["QC-30"])
    assert [mark["mark_id"] for mark in rival.get(AT).json()[0]["marks"]] == ["YDL-25"]
    for path in (MARK, f"{MARK}/history", "/rights/marks/QC-30", "/rights/marks/QC-30/edit"):
        assert (editor.get(path).status_code, rival.get(path).status_code) == (200, 404), path


def test_a_change_is_a_version_with_who_and_when(editor: Caller, world: World) -> None:
    before = world.store.registry.current("linhai")
    body = {"text": "晴川", "nice_classes": [30, 32], "registration_no": "90000001", "aliases": ["QINGCHUAN"]}
    changed = editor("PUT", MARK, json=body, headers=etag(editor))
    assert changed.status_code == 200, changed.text
    after = world.store.registry.current("linhai")
    assert after.version != before.version
    assert {m.mark_id: m for m in after.marks}.keys() == {m.mark_id: m for m in before.marks}.keys()
    mark = after.mark_by_id["QC-30"]
    assert (mark.nice_classes, mark.holder, mark.images) == ((30, 32), HOLDER.name, ("official/tin.png",))
    newest = editor.get(f"{MARK}/history").json()[0]
    assert (newest["by"], newest["acting_for"], newest["act"]) == ("holder-editor@qingchuan", HOLDER.name, "changed")
    assert {each["field"]: (each["before"], each["after"]) for each in newest["fields"]}["nice_classes"] == (
        "30",
        "30; 32",
    )


def test_an_edit_on_an_older_state_is_a_conflict_and_changes_nothing(editor: Caller, world: World) -> None:
    seen = etag(editor)
    assert editor("PUT", MARK, json={"text": "晴川江"}, headers=seen).status_code == 200
    late = editor("PUT", MARK, json={"text": "晴川湖"}, headers=seen)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert "已被他人修改" in late.json()["detail"]
    assert world.store.registry.current("linhai").mark_by_id["QC-30"].text == "晴川江"
    missing = editor("PUT", MARK, json={"text": "晴川湖"})
    assert (missing.status_code, missing.json()["where"]) == (422, "If-Match")


def test_a_form_on_an_older_state_comes_back_with_what_was_typed(editor: Caller) -> None:
    page = editor.post("/rights/marks/QC-30", data={"text": "晴川湖", "state": "of yesterday"})
    assert page.status_code == 409
    assert "已被他人修改" in page.text
    assert 'value="晴川湖"' in page.text


def test_two_holders_edit_at_once_and_neither_is_lost(editor: Caller, rival: Caller, world: World) -> None:
    answers: list[int] = []

    def edit(caller: Caller, path: str, text: str) -> None:
        answers.append(caller("PUT", path, json={"text": text}, headers=etag(caller, path)).status_code)

    threads = [
        threading.Thread(target=edit, args=(editor, MARK, "晴川江")),
        threading.Thread(target=edit, args=(rival, f"{AT}/marks/YDL-25", "云朵小鹿")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = {mark.mark_id: mark.text for mark in world.store.registry.current("linhai").marks}
    assert answers == [200, 200]
    assert (texts["QC-30"], texts["YDL-25"]) == ("晴川江", "云朵小鹿")


def test_a_new_mark_stands_under_the_holder_s_name_whatever_is_sent(editor: Caller, world: World) -> None:
    made = editor.post(f"{AT}/marks", json={"text": "晴川源", "mark_id": "QC-31"})
    assert made.status_code == 201, made.text
    assert world.store.registry.current("linhai").mark_by_id["QC-31"].holder == HOLDER.name
    assert editor.post(f"{AT}/marks", json={"text": "别家", "mark_id": "YDL-25"}).status_code == 409
    assert editor.post(f"{AT}/marks", json={"text": "x", "holder": "别家"}).status_code == 422
    without_text = editor.post(f"{AT}/marks", json={"kind": "word"})
    assert (without_text.status_code, without_text.json()["where"]) == (422, "text")
    assert editor.post(f"{AT}/marks", json={"kind": "device"}).status_code == 201


def test_a_retry_with_a_key_makes_one_mark(editor: Caller, world: World) -> None:
    headers = {"Idempotency-Key": "once"}
    first = editor.post(f"{AT}/marks", json={"text": "晴川源"}, headers=headers)
    again = editor.post(f"{AT}/marks", json={"text": "晴川源"}, headers=headers)
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    assert sum(mark.text == "晴川源" for mark in world.store.registry.current("linhai").marks) == 1


def test_goods_and_sellers_are_kept_under_the_mark(editor: Caller, world: World) -> None:
    goods = [{"goods_id": "G-9", "mark_id": "whatever", "name": "雨前", "reference_price": "128", "currency": "CNY"}]
    put = editor("PUT", f"{MARK}/goods", json={"goods": goods}, headers=etag(editor))
    assert put.status_code == 200, put.text
    sellers = [{"mark_id": "x", "platform": "云集市", "seller_name": "晴川二店", "valid_to": "2030-01-01"}]
    put = editor("PUT", f"{MARK}/sellers", json={"authorised": sellers}, headers=etag(editor))
    assert put.status_code == 200, put.text
    registry = world.store.registry.current("linhai")
    assert [row.name for row in registry.goods_by_mark["QC-30"]] == ["雨前"]
    assert [row.seller_name for row in registry.authorised_by_mark["QC-30"]] == ["晴川二店"]
    assert registry.goods_by_mark["YDL-25"]
    taken = [{**goods[0], "goods_id": "YDL-G1"}]
    assert editor("PUT", f"{MARK}/goods", json={"goods": taken}, headers=etag(editor)).status_code == 422
    nobody = editor("PUT", f"{MARK}/sellers", json={"authorised": [{"mark_id": "x"}]}, headers=etag(editor))
    assert nobody.status_code == 422  # an authorisation for nobody would be one for everybody


def test_the_forms_of_a_mark_s_page(editor: Caller, world: World) -> None:
    def state() -> str:
        return str(editor.get(MARK).json()["state"])

    at = "/rights/marks/QC-30"
    refused = editor.post(f"{at}/goods", data={"state": state(), "name": "雨前", "reference_price": "面议吧"})
    assert (refused.status_code, "参考价无法读取" in refused.text, 'value="雨前"' in refused.text) == (422, True, True)
    saved = editor.post(f"{at}/goods", data={"state": state(), "name": "雨前", "reference_price": "￥128"})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{at}#goods")
    assert editor.post(f"{at}/sellers", data={"state": state(), "uscc": "短"}).status_code == 422
    assert editor.post(f"{at}/sellers", data={"state": state(), "seller_name": "二店"}).status_code == 303
    registry = world.store.registry.current("linhai")
    assert {row.name for row in registry.goods_by_mark["QC-30"]} == {"晴川 明前绿茶 特级", "雨前"}
    assert len(registry.authorised_by_mark["QC-30"]) == 2
    unsure = editor.post(f"{at}/removal", data={"state": state()})
    assert (unsure.status_code, "请勾选确认" in unsure.text) == (422, True)
    assert editor.post(f"{at}/removal", data={"state": state(), "sure": "yes"}).status_code == 303
    assert "QC-30" not in world.store.registry.current("linhai").mark_by_id


def test_only_pictures_are_taken_and_only_their_holder_sees_them(editor: Caller, rival: Caller, world: World) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data in (svg, b"<html>", b"", b"\x89PNG\r\n\x1a\n" + b"no picture", b"\xff\xd8\xff" + svg):
        refused = editor.post(f"{MARK}/pictures", content=data, headers=etag(editor))
        assert refused.status_code == 422, data
    picture = drawings.png(drawings.tin(band="#335577"))
    added = editor.post(f"{MARK}/pictures", content=picture, headers=etag(editor))
    assert added.status_code == 201, added.text
    sha256 = hashlib.sha256(picture).hexdigest()
    assert sha256 in {each["reading"]["content_sha256"] for each in added.json()["pictures"]}
    (address,) = [name for name in added.json()["rows"]["mark"]["images"] if name.startswith("upload:")]
    assert editor.get(f"/rights/pictures/{sha256}").content == picture
    assert rival.get(f"/rights/pictures/{sha256}").status_code == 404
    official = world.store.registry.reference_pictures("linhai")
    assert sha256 in {each.reading.content_sha256 for each in official}
    gone = editor("DELETE", f"{MARK}/pictures", params={"address": address}, headers=etag(editor))
    assert gone.status_code == 200
    assert sha256 not in {each.reading.content_sha256 for each in world.store.registry.reference_pictures("linhai")}
    assert editor.get(f"/rights/pictures/{sha256}").status_code == 404


def test_an_agent_acts_within_its_power(everybody: Everybody, agent: Caller, world: World) -> None:
    assert agent.get(AT).json() == []
    everybody.empower()
    assert agent("PUT", MARK, json={"text": "晴川江"}, headers=etag(agent)).status_code == 200
    newest = agent.get(f"{MARK}/history").json()[0]
    assert (newest["by"], newest["acting_for"]) == ("agent@zhihe", AGENT.name)
    assert agent.post(f"{AT}/marks", json={"text": "晴川源", "mark_id": "QC-31"}).status_code == 201
    everybody.empower("QC-31")
    assert agent.get(MARK).status_code == 404
    assert agent.post(f"{AT}/marks", json={"text": "晴川里"}).status_code == 403
    assert agent(
        "PUT", f"{AT}/marks/QC-31", json={"text": "晴川泉"}, headers=etag(agent, f"{AT}/marks/QC-31")
    ).is_success
    everybody.empower(days=0)
    assert agent.get(AT).json() == []
    assert agent.get(f"{AT}/marks/QC-31").status_code == 404


def test_a_holder_without_a_place_is_told_so(everybody: Everybody) -> None:
    stranger = HOLDER.model_copy(update={"organisation_id": "nobody", "name": "无名有限公司"})
    everybody.world.store.organisations.save(stranger)
    caller = everybody.of(stranger, Role.HOLDER_EDITOR)
    assert "尚未开通商标登记" in caller.get("/rights").text
    assert caller.post(f"{AT}/marks", json={"text": "晴川"}).status_code == 404


def test_what_would_this_find(editor: Caller, world: World) -> None:
    before = world.store.registry.current("linhai").version
    found = editor.post(f"{AT}/preview", json={"text": "晴川", "nice_classes": [30]}).json()
    assert found["sample"] == 7
    assert found["count"] >= 1
    assert any("明前绿茶" in each["title"] and each["explanations"] for each in found["examples"])
    told = str(found)
    assert not [word for word in ("老街茶铺", "shop.example.cn", "linhai-73", "s-2", "128") if word in told]
    short = editor.post(f"{AT}/preview", json={"text": "茶"}).json()
    assert {"short", "no-class"} <= set(short["warnings"])
    assert world.store.registry.current("linhai").version == before
    page = editor.post("/rights/preview", data={"text": "茶", "place": PLACE})
    assert (page.status_code, "文字过短" in page.text, 'value="茶"' in page.text) == (200, True, True)


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE marks;--", "<script>alert(1)</script>", "{{ 7*7 }}", "=1+1", "\u202egnp"]
)
def test_hostile_words_are_only_words(editor: Caller, text: str) -> None:
    made = editor.post("/rights/new", data={"text": text})
    assert made.status_code == 303
    page = editor.get(made.headers["location"])
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    history = editor.get(made.headers["location"] + "/history")
    assert history.status_code == 200


def test_a_mark_whose_number_has_a_slash_keeps_its_pages(editor: Caller, world: World) -> None:
    made = Mark(mark_id="QC/30 a?", text="晴川源", holder=HOLDER.name)
    current = world.store.registry.current("linhai")
    world.store.registry.commit("linhai", type(current)(marks=(*current.marks, made), goods=current.goods), at=now())
    listed = editor.get("/rights").text
    assert "/rights/marks/QC/30%20a%3F" in listed
    for ending in ("", "/edit", "/history"):
        assert editor.get(f"/rights/marks/QC/30%20a%3F{ending}").status_code == 200, ending
