"""The API: what it answers, to whom, and what it refuses."""

import sqlite3
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.openapi.models import OpenAPI
from fastapi.routing import iter_route_contexts

from detectors.catalogue import detectors
from models.case_leads import CaseLead
from models.leads import Disposition
from models.pictures import PictureReading
from review_api.app import create_app
from review_api.exports import verify_json
from review_api.problems import PROBLEM_TYPE
from review_api.settings import ReviewSettings
from streams.screening import Screener, ScreeningService
from streams.screening.contexts import ContextSource
from tests.review_api.conftest import Caller
from tests.review_api.world import World


def test_health_answers_without_a_session(anybody: Caller) -> None:
    assert anybody.get("/healthz").json()["status"] == "ok"
    assert anybody.get("/readyz").status_code == 200


def test_ready_says_503_while_the_database_is_away(anybody: Caller, world: World) -> None:
    (world.folder / "review.sqlite").unlink()
    world.store.close()
    answer = anybody.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == PROBLEM_TYPE
    assert answer.headers["retry-after"]
    assert str(world.folder) not in answer.text
    assert anybody.get("/healthz").status_code == 200


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every route of the application, the console's too."""
    found = [
        (method, context.path or "")
        for context in iter_route_contexts(app.routes)
        for method in sorted(context.methods or ())
    ]
    assert len(found) > 30
    return found


def dump(world: World) -> list[str]:
    """The whole database as text."""
    with sqlite3.connect(world.folder / "review.sqlite") as connection:
        lines = [line for line in connection.iterdump() if not line.startswith('INSERT INTO "sessions"')]
    connection.close()
    return lines


def test_lists_show_the_caller_s_own_only(officer: Caller, stranger: Caller, world: World) -> None:
    spare = world.leads["qiaonan"][-1]
    assert stranger.post("/api/v1/case-leads", json={"leads": {spare: 0}}).status_code == 201
    mine = officer.get("/api/v1/leads").json()
    assert {lead["lead_id"] for lead in mine["leads"]} == set(world.leads["linhai"])
    assert officer.get("/api/v1/case-leads").json()["case_leads"] == []
    assert [mark["mark_id"] for mark in officer.get("/api/v1/registry/marks?text=青禾渡").json()["marks"]] == []
    assert "青禾渡" not in officer.get("/registry").text


def test_the_queue_filters_orders_and_pages(officer: Caller) -> None:
    everything = officer.get("/api/v1/leads").json()
    scores = [lead["score"] for lead in everything["leads"]]
    assert scores == sorted(scores, reverse=True)
    assert everything["total"] == 8
    parcels = officer.get("/api/v1/leads?kind=parcel").json()
    assert [lead["title"] for lead in parcels["leads"]] == ["茶叶"]
    assert officer.get("/api/v1/leads?mark_id=KES-18&minimum_score=20").json()["total"] == 1
    assert officer.get("/api/v1/leads", params={"text": "学步鞋"}).json()["total"] == 1
    first = officer.get("/api/v1/leads?limit=3").json()
    second = officer.get("/api/v1/leads", params={"limit": 5, "after": first["next_cursor"]}).json()
    assert first["leads"] + second["leads"] == everything["leads"]
    assert second["next_cursor"] == ""


def test_counts_tell_what_a_filter_would_give(officer: Caller) -> None:
    counts = officer.get("/api/v1/leads/counts?kind=listing").json()
    assert {entry["value"]: entry["count"] for entry in counts["kinds"]} == {"listing": 7, "parcel": 1}
    assert sum(entry["count"] for entry in counts["platforms"]) == 7
    assert {entry["label"] for entry in counts["marks"]} == {"晴川", "云朵鹿", "KESTRELLO", "白鹭泉"}


def test_a_lead_comes_with_its_findings_in_both_languages(officer: Caller, world: World) -> None:
    answer = officer.get(f"/api/v1/leads/{world.leads['linhai'][0]}")
    detail = answer.json()
    assert answer.headers["etag"] == '"0"'
    assert len(detail["explanations"]) == len(detail["lead"]["screening"]["findings"]) == 3
    for words in detail["explanations"].values():
        assert words["sentence"]["zh"] != words["sentence"]["en"]
    points = sum(each["points"] for each in detail["lead"]["screening"]["assessment"]["contributions"])
    assert points == pytest.approx(detail["lead"]["screening"]["assessment"]["score"])
    assert detail["flips"]


def test_a_decision_on_a_stale_revision_is_a_conflict(officer: Caller, world: World) -> None:
    path = f"/api/v1/leads/{world.leads['linhai'][0]}/decisions"
    more = {"disposition": "more-information", "reason": "缺发货地"}
    first = officer.post(path, json=more, headers={"If-Match": '"0"'})
    assert first.status_code == 200
    assert first.headers["etag"] == '"1"'
    stale = officer.post(path, json={"disposition": "dismissed", "reason_code": "duplicate", "revision": 0})
    assert stale.status_code == 409
    assert stale.headers["content-type"] == PROBLEM_TYPE
    now = officer.get(f"/api/v1/leads/{world.leads['linhai'][0]}").json()["lead"]
    assert (now["disposition"], now["revision"], len(now["decisions"])) == ("more-information", 1, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"disposition": "dismissed", "revision": 0}, 422),
        ({"disposition": "dismissed", "reason_code": "other", "revision": 0}, 422),
        ({"disposition": "dismissed", "reason_code": "because", "revision": 0}, 422),
        ({"disposition": "accepted", "revision": 0}, 409),
        ({"disposition": "more-information"}, 422),
        ({"disposition": "open", "revision": 0}, 409),
        ({"disposition": "more-information", "revision": -1}, 422),
        ({"disposition": "more-information", "revision": 2**63}, 422),
        ({"disposition": "more-information", "revision": 0, "reason": "a\x00b"}, 422),
        ({"disposition": "more-information", "revision": 0, "reason": "x" * 3000}, 422),
        ({"disposition": "more-information", "revision": 0, "colour": "red"}, 422),
    ],
)
def test_decisions_that_say_too_little_or_too_much_change_nothing(
    officer: Caller, world: World, body: dict[str, object], status: int
) -> None:
    before = dump(world)
    answer = officer.post(f"/api/v1/leads/{world.leads['linhai'][0]}/decisions", json=body)
    assert answer.status_code == status
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert dump(world) == before


def test_case_leads_are_registered_all_or_none(officer: Caller, world: World) -> None:
    one, two, three = world.leads["linhai"][:3]
    dismissed = {"disposition": "dismissed", "reason_code": "authorised", "revision": 0}
    assert officer.post(f"/api/v1/leads/{three}/decisions", json=dismissed).status_code == 200
    refused = officer.post("/api/v1/case-leads", json={"leads": {one: 0, three: 0}})
    assert refused.status_code == 409
    assert officer.get(f"/api/v1/leads/{one}").json()["lead"]["disposition"] == "open"
    made = officer.post("/api/v1/case-leads", json={"leads": {one: 0, two: 0}, "note": "同一货源"})
    assert made.status_code == 201
    case_lead = CaseLead.model_validate(made.json())
    assert case_lead.dossier_digest == case_lead.dossier.digest
    assert {lead.lead_id for lead in case_lead.dossier.leads} == {one, two}
    assert all(lead.disposition is Disposition.ACCEPTED for lead in case_lead.dossier.leads)
    assert case_lead.dossier.accepted_by == "he.lan"
    again = officer.post("/api/v1/case-leads", json={"leads": {one: 1}})
    assert again.status_code == 409
    listed = officer.get("/api/v1/case-leads").json()
    assert [(line["standing"]["case_number"], line["standing"]["leads"]) for line in listed["case_leads"]] == [
        (case_lead.case_number, 2)
    ]
    assert made.headers["location"] == f"/api/v1/case-leads/{case_lead.case_number}"
    assert CaseLead.model_validate(officer.get(made.headers["location"]).json()["case_lead"]) == case_lead


def test_exports_come_as_files(officer: Caller, world: World) -> None:
    number = officer.post("/api/v1/case-leads", json={"leads": {world.leads["linhai"][0]: 0}}).json()["case_number"]
    exported = officer.get(f"/api/v1/case-leads/{number}/dossier.json")
    assert verify_json(exported.content)
    assert exported.headers["content-disposition"] == f'attachment; filename="case-lead-{number}.json"'
    workbook = officer.get(f"/api/v1/case-leads/{number}/dossier.xlsx?language=en")
    assert workbook.content.startswith(b"PK")
    assert officer.get(f"/api/v1/case-leads/{number}/dossier.xlsx?language=fr").status_code == 422


def test_pictures_are_pictures_and_nothing_else(officer: Caller, world: World) -> None:
    answer = officer.get(f"/api/v1/pictures/{world.pictures['linhai']}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    sha256 = world.objects.put(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    reading = PictureReading(address="https://img.example.cn/x.svg", content_sha256=sha256)
    world.store.screenings.save_readings("linhai", [reading])
    assert officer.get(f"/api/v1/pictures/{sha256}").status_code == 404
    unread = world.objects.put(b"\x89PNG\r\n\x1a\n but nobody read it")
    assert officer.get(f"/api/v1/pictures/{unread}").status_code == 404


def test_preview_screens_for_the_caller_and_stores_nothing(officer: Caller, world: World) -> None:
    before = dump(world)
    listing = {"organisation_id": "qiaonan", "listing_id": "1", "platform": "云集市", "title": "晴川绿茶"}
    answer = officer.post("/api/v1/preview", json={"listings": [listing]})
    assert answer.status_code == 200
    assert [subject.organisation_id for subject in world.port.previewed] == ["linhai"]
    assert answer.json()["screenings"][0]["screening"]["subject"]["title"] == "晴川绿茶"
    assert dump(world) == before


def test_preview_with_the_engine_s_own_detectors(world: World, portal: BlockingPortal) -> None:
    service = ScreeningService(world.store, Screener(detectors()), ContextSource(world.store.registry))
    officer = Caller(create_app(world.store, world.objects, service, ReviewSettings()), portal)
    officer.enter(world, "linhai")
    listing = {"listing_id": "1", "platform": "云集市", "title": "睛川 明前绿茶 250g", "price": "49", "currency": "CNY"}
    answer = officer.post("/api/v1/preview", json={"listings": [listing]}).json()["screenings"][0]
    assert answer["screening"]["assessment"]["flagged"]
    assert answer["screening"]["assessment"]["mark_id"] == "QC-30"
    assert any("睛川" in words["sentence"]["zh"] for words in answer["explanations"].values())
    assert answer["flips"]
    assert officer.get(f"/leads/{world.leads['linhai'][0]}").status_code == 200


def test_the_registry_changes_by_version(officer: Caller) -> None:
    version = officer.get("/api/v1/registry").headers["etag"]
    rows = {"marks": [{"mark_id": "NEW-1", "text": "青禾渡"}], "goods": [{"goods_id": "G-9", "mark_id": "NEW-1"}]}
    assert officer("PATCH", "/api/v1/registry", json=rows).status_code == 422
    changed = officer("PATCH", "/api/v1/registry", json=rows, headers={"If-Match": version})
    assert changed.json()["marks"] == 5
    assert officer.get("/api/v1/registry/marks/NEW-1").json()["goods"][0]["goods_id"] == "G-9"
    stale = officer("PUT", "/api/v1/registry", json={"marks": []}, headers={"If-Match": version})
    assert stale.status_code == 409
    removal = {"removed_marks": ["NEW-1"]}
    back = officer("PATCH", "/api/v1/registry", json=removal, headers={"If-Match": changed.headers["etag"]})
    assert (back.json()["marks"], back.json()["goods"]) == (4, 3)
    orphan = {"goods": [{"goods_id": "G-8", "mark_id": "NEW-1"}]}
    refused = officer("PATCH", "/api/v1/registry", json=orphan, headers={"If-Match": "*"})
    assert refused.status_code == 422
    assert refused.json()["where"] == "NEW-1"


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/api/v1/leads?after=nonsense", b""),
        ("GET", "/api/v1/leads?minimum_score=nan", b""),
        ("GET", "/api/v1/leads?text=%00", b""),
        ("GET", "/api/v1/leads?text=%ff%fe", b""),
        ("GET", "/api/v1/leads?limit=100000", b""),
        ("GET", "/api/v1/leads/%00", b""),
        ("GET", "/api/v1/registry/marks/%00", b""),
        ("GET", "/api/v1/case-leads/%F0%9F%98%80", b""),
        ("POST", "/api/v1/case-leads", b'{"leads": {}}'),
        ("POST", "/api/v1/case-leads", b'{"leads": '),
        ("POST", "/api/v1/preview", b'{"listings": [{"listing_id": "1", "platform": "p", "title": "\\ud800"}]}'),
        ("POST", "/api/v1/preview", b"[" * 10_000),
        ("POST", "/api/v1/preview", b'{"listings": [{"price": NaN}]}'),
        ("PATCH", "/api/v1/registry", b'{"marks": [{"mark_id": "\\u0000"}]}'),
    ],
)
def test_nonsense_is_a_problem_and_never_a_failure(officer: Caller, method: str, path: str, content: bytes) -> None:
    answer = officer(method, path, content=content, headers={"content-type": "application/json", "if-match": "*"})
    assert answer.status_code in {200, 400, 404, 422}, answer.text[:300]
    if answer.status_code != 200:
        assert answer.headers["content-type"] == PROBLEM_TYPE
        assert "Traceback" not in answer.text


class BrokenStore:
    """A store that fails as a fault in our own code would make it fail."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def acting_for(self, organisation_id: str) -> "BrokenStore":
        return BrokenStore(self._store.acting_for(organisation_id))

    def ping(self) -> None:
        raise RuntimeError("secret internals")

    @property
    def case_leads(self) -> Any:
        raise RuntimeError("secret internals")


def test_a_fault_of_our_own_tells_nothing(world: World, portal: BlockingPortal) -> None:
    broken: Any = BrokenStore(world.store)
    officer = Caller(create_app(broken, world.objects, world.port, ReviewSettings()), portal)
    officer.enter(world, "linhai")
    for path in ("/readyz", "/api/v1/case-leads", "/case-leads"):
        answer = officer.get(path)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_body_that_is_too_large_is_refused(officer: Caller) -> None:
    answer = officer.post(
        "/api/v1/preview", content=b'"' + b"x" * (11 * 1024 * 1024) + b'"', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


def test_the_openapi_document_is_whole(app: FastAPI, officer: Caller) -> None:
    document = officer.get("/api/v1/openapi.json").json()
    OpenAPI.model_validate(document)
    text = str(document)
    schemas = document["components"]["schemas"]
    for name in {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in schemas, name
    described = set()
    names = []
    for path, operations_here in document["paths"].items():
        for method, operation in operations_here.items():
            described.add((method.upper(), path))
            names.append(operation["operationId"])
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
            assert operation["tags"], (method, path)
            assert "security" in operation
            good = [code for code in operation["responses"] if code.startswith("2")]
            assert good, (method, path)
            for code, response in operation["responses"].items():
                if code.startswith(("4", "5")):
                    assert PROBLEM_TYPE in response["content"], (method, path, code)
                elif code != "204":
                    assert response["content"], (method, path, code)
    assert len(names) == len(set(names))
    served = {(method, path.replace(":path", "")) for method, path in routes(app) if path.startswith("/api/")}
    assert described >= served - {("GET", "/api/v1/openapi.json")}
