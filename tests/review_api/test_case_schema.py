"""The published JSON Schema: it is what the code writes, and every export fits it."""

import json

import pytest
from jsonschema import Draft202012Validator

from models.case_leads import Amendment, Answer, Attachment, CaseLead, amended, sealed
from review_api.exports import schema, write_json
from review_api.exports.json_export import derived_schema
from tests.review_api.conftest import Caller
from tests.review_api.scene import START
from tests.review_api.test_exports import case_lead


def test_the_shipped_schema_is_what_the_code_writes() -> None:
    assert schema() == derived_schema(), "write it anew: json.dumps(derived_schema(), ...), see docs/case-leads.md"
    Draft202012Validator.check_schema(schema())


def amended_case() -> CaseLead:
    first = case_lead(note="请核查").dossier
    answers = tuple(Answer(finding_id=each.finding.finding_id, words="已核对") for each in first.counters)
    change = Amendment(
        reason="补充",
        second_officer="shen",
        answers=answers,
        attachments=(Attachment(name="辨认书", sha256="a" * 64, at=START),),
    )
    return sealed(amended(first, change, by="he.lan", at=START), START)


@pytest.mark.parametrize("made", [case_lead(), case_lead(title="=1+1\u202e\x00"), amended_case()])
def test_every_export_fits_the_schema(made: CaseLead) -> None:
    Draft202012Validator(schema()).validate(json.loads(write_json(made)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("dossier_digest"),
        lambda document: document.update(more=1),
        lambda document: document["dossier"].update(case_number=7),
        lambda document: document["dossier"]["leads"][0].pop("screening"),
        lambda document: document["annex"][0].update(sha256=None),
    ],
)
def test_a_document_that_does_not_fit_is_noticed(spoil: object) -> None:
    document = json.loads(write_json(case_lead()))
    spoil(document)  # type: ignore[operator]
    assert list(Draft202012Validator(schema()).iter_errors(document))


def test_the_schema_is_published(officer: Caller, anybody: Caller) -> None:
    assert officer.get("/api/v1/case-leads/schema.json").json() == schema()
    assert anybody.get("/api/v1/case-leads/schema.json").status_code == 401
