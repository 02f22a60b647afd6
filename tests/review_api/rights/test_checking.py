"""Nothing leaves on a mark that nobody has checked as it stands."""

from datetime import date, timedelta
from typing import Any

import pytest

from models.case_leads import ExportKind
from models.mark_checks import CheckResult, Compared, MarkCheck
from models.moments import now
from models.organisations import Organisation, Role
from models.registry import Mark, row_digest
from review_api.cases.exporting import Exporter
from review_api.settings import ReviewSettings
from tests.review_api.conftest import Caller
from tests.review_api.rights.conftest import Everybody
from tests.review_api.world import World

AT = "/api/v1/mark-checks/QC-30"
CHECK = {"compared": ["certificate", "status"], "source": "注册证原件", "result": "agrees"}


@pytest.fixture
def case(officer: Caller, world: World) -> str:
    """A case lead on 晴川."""
    made = officer.post("/api/v1/case-leads", json={"leads": {world.leads["linhai"][0]: 0}})
    assert made.status_code == 201, made.text
    return str(made.json()["case_number"])


def exports(officer: Caller, case: str) -> list[Any]:
    """Every way out of a case lead."""
    at = f"/api/v1/case-leads/{case}"
    kinds = [kind for kind in ExportKind if "pdf" not in kind]
    return [
        *(officer.post(f"{at}/exports", json={"kind": kind, "receiver": "示例局"}) for kind in kinds),
        officer.get(f"{at}/dossier.json"),
        officer.get(f"{at}/dossier.xlsx"),
        officer.get(f"/case-leads/{case}/dossier.json"),
        officer.get(f"/case-leads/{case}/dossier.xlsx"),
        officer.post(f"/case-leads/{case}/exports", data={"kind": "json"}),
        officer.post(f"{at}/moves", json={"act": "hand-over", "receiver": "示例局", "revision": 0}),
        officer.post(f"/case-leads/{case}/move", data={"act": "hand-over", "receiver": "示例局", "revision": "0"}),
    ]


def changed(world: World, **fields: object) -> Mark:
    registry = world.store.registry.current("linhai")
    mark = registry.mark_by_id["QC-30"].model_copy(update=fields)
    others = tuple(each for each in registry.marks if each.mark_id != "QC-30")
    world.store.registry.commit(
        "linhai", type(registry)(marks=(*others, mark), goods=registry.goods, authorised=registry.authorised), at=now()
    )
    return mark


def test_every_way_out_is_shut_until_the_changed_mark_is_checked_again(
    officer: Caller, world: World, case: str
) -> None:
    assert officer.get(f"/api/v1/case-leads/{case}/dossier.json").status_code == 200
    changed(world, registration_no="90009999")
    for answer in exports(officer, case):
        assert answer.status_code == 409, answer.request.url
        assert "晴川" in answer.text, "the refusal names the mark"
    assert len(world.store.case_leads.exports("linhai", case)) == 1, "nothing was recorded as having left"
    problem = officer.get(f"/api/v1/case-leads/{case}/dossier.json").json()
    assert (problem["code"], problem["where"]) == ("unchecked-mark", "晴川 (QC-30)")
    assert "核验后有变更" in problem["detail"]
    assert "changed since it was checked" in problem["detail"]
    page = officer.post(f"/case-leads/{case}/exports", data={"kind": "json"}).text
    assert "所涉商标须先核验" in page
    assert "变更后待核验" in officer.get(f"/case-leads/{case}").text
    seen = officer.get(AT)
    assert seen.json()["standing"] == "changed"
    assert officer.post(AT, json=CHECK, headers={"If-Match": seen.headers["etag"]}).status_code == 201
    assert officer.get(f"/api/v1/case-leads/{case}/dossier.json").status_code == 200
    earlier = world.store.case_leads.exports("linhai", case)[-1].number
    changed(world, registration_no="90009998")
    assert officer.get(f"/api/v1/case-leads/{case}/exports/{earlier}").status_code == 200, "what left can be fetched"


def test_an_export_over_an_unchecked_mark_would_be_noticed(
    officer: Caller, world: World, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: without the question, everything leaves."""
    changed(world, registration_no="90009999")
    monkeypatch.setattr("review_api.cases.exporting.require_checked_marks", lambda *_: None)
    assert [answer.status_code for answer in exports(officer, case)].count(409) < 5


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("never", "尚未核验"),
        ("expired", "已过有效期"),
        ("differs", "不一致"),
        ("gone", "已不在权利库"),
        ("lapsed", "不是有效注册"),
    ],
)
def test_each_reason_is_said(officer: Caller, world: World, case: str, what: str, told: str) -> None:
    mark = world.store.registry.current("linhai").mark_by_id["QC-30"]
    at = now()
    if what == "never":
        mark = changed(world, mark_id="QC-30", text="晴川江")
        world.store.mark_checks.of_mark = lambda *_: ()  # type: ignore[method-assign]
    elif what == "expired":
        at += timedelta(days=200)
    elif what == "differs":
        world.store.mark_checks.add(
            MarkCheck(organisation_id="linhai", mark=mark, compared=(Compared.STATUS,), source="公告",
                      result=CheckResult.DIFFERS, by="li", at=at, valid_until=at.date() + timedelta(days=9))
        )  # fmt: skip
    elif what == "gone":
        registry = world.store.registry.current("linhai")
        kept = tuple(each for each in registry.marks if each.mark_id != "QC-30")
        world.store.registry.commit("linhai", type(registry)(marks=kept), at=at)
    else:
        mark = changed(world, valid_to=date(2020, 1, 1))
        world.store.mark_checks.add(
            MarkCheck(organisation_id="linhai", mark=mark, compared=(Compared.CERTIFICATE, Compared.STATUS),
                      source="公告", result=CheckResult.AGREES, by="li", at=at,
                      valid_until=at.date() + timedelta(days=9))
        )  # fmt: skip
    exporter = Exporter(world.store, world.objects, ReviewSettings(), "linhai", "li", at)
    with pytest.raises(Exception, match=told):
        exporter.export(case, ExportKind.JSON)


def test_a_check_is_of_the_row_that_was_seen(officer: Caller, world: World) -> None:
    seen = officer.get(AT).headers["etag"]
    mark = changed(world, text="晴川江")
    late = officer.post(AT, json=CHECK, headers={"If-Match": seen})
    assert (late.status_code, officer.post(AT, json=CHECK).status_code) == (409, 422)
    form = {**CHECK, "seen": seen.strip('"')}
    assert officer.post("/mark-checks/QC-30", data=form).status_code == 409
    assert officer.post("/mark-checks/QC-30", data={**form, "seen": row_digest(mark)}).status_code == 303
    newest = officer.get(AT).json()["checks"][0]
    assert (newest["mark"]["text"], newest["by"], newest["source"]) == ("晴川江", "he.lan", "注册证原件")


def test_a_check_that_says_too_little_comes_back(officer: Caller, world: World) -> None:
    seen = row_digest(world.store.registry.current("linhai").mark_by_id["QC-30"])
    lines = {
        "certificate": {"compared": ["certificate"], "source": "公告"},
        "source": {"compared": ["certificate", "status"], "source": " "},
        "compared": {"source": "公告"},
        "days": {"compared": ["certificate", "status"], "source": "公告", "valid_until": "2099-01-01"},
        "valid_until": {"compared": ["certificate", "status"], "source": "公告", "valid_until": "明年"},
    }
    told = {"certificate": "须同时核对", "source": "请写明核对依据", "compared": "请勾选", "days": "一年之内",
            "valid_until": "不是日期"}  # fmt: skip
    for name, fields in lines.items():
        page = officer.post("/mark-checks/QC-30", data={"result": "agrees", "seen": seen, **fields})
        assert (page.status_code, told[name] in page.text) == (422, True), name
    differs = officer.post(
        "/mark-checks/QC-30", data={"result": "differs", "seen": seen, "compared": ["status"], "source": "公告"}
    )
    assert differs.status_code == 303
    assert "晴川" in officer.get("/mark-checks?show=due").text


def test_who_may_check(officer: Caller, everybody: Everybody, editor: Caller, world: World) -> None:
    unit = Organisation(organisation_id="linhai", name="临海")
    viewer = everybody.of(unit, Role.VIEWER)
    assert (viewer.get("/mark-checks").status_code, viewer.get(AT).status_code) == (200, 200)
    assert viewer.post(AT, json=CHECK, headers={"If-Match": "*"}).status_code == 403
    assert editor.get(AT).status_code == 403
    due = {each["mark"]["mark_id"] for each in officer.get("/api/v1/mark-checks", params={"due": True}).json()}
    assert due == {"BLQ-3"}, "a disputed mark waits whatever its check says"
    editor("PUT", "/api/v1/rights/marks/QC-30", json={"text": "晴川江"}, headers={"If-Match": "*"})
    assert {each["mark"]["mark_id"] for each in officer.get("/api/v1/mark-checks?due=true").json()} == {
        "BLQ-3",
        "QC-30",
    }
    assert "晴川江" in officer.get("/mark-checks").text


def test_a_retry_checks_once(officer: Caller, world: World) -> None:
    headers = {"If-Match": "*", "Idempotency-Key": "k-1"}
    first, again = (officer.post(AT, json=CHECK, headers=headers) for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    assert len(world.store.mark_checks.of_mark("linhai", "QC-30")) == 2
