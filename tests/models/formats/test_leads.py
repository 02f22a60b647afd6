"""leads.jsonl, hits.jsonl and labels.jsonl."""

import json
from datetime import UTC, datetime
from pathlib import Path

from models.explanations import catalogue
from models.findings import Evidence, Stance, signed
from models.formats import Expectation, HitEntry, Rejects, hit_line, lead_line, read_labels, read_leads, read_queries
from models.leads import Assessment, Cell, Screening
from models.registry import Mark, Registry
from models.subjects import AnySubject, Listing, ParcelRecord

AT = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(marks=(Mark(mark_id="M1", text="晴川"),))


def screening(subject: AnySubject, *, cell: Cell | None = Cell.SIMILAR_SAME) -> Screening:
    fact = next(
        (code for code, text in catalogue().items() if "{" not in text.sentence["zh"] + text.sentence["en"]), ""
    )
    evidence = Evidence(
        fact=fact,
        stance=Stance.FOR,
        score=0.91,
        field="title",
        mark_id="M1",
        subject_value="睛川",
        reference_value="晴川",
        span=(0, 2),
    )
    findings = (signed(evidence, subject, detector="trademark", version="1"),) if fact else ()
    assessment = Assessment(flagged=True, score=7.25, cell=cell)
    return Screening(
        screening_key="k", observation_id=subject.observation_id, subject=subject, registry_version="r",
        rules_version="u", context_version="c", assessment=assessment, findings=findings, screened_at=AT,
    )  # fmt: skip


def test_a_line_holds_exactly_what_the_contract_names() -> None:
    listing = Listing(listing_id="L1", platform="云市", title="睛川 洗衣液")
    line = lead_line(screening(listing), REGISTRY)
    assert list(line) == [
        "listing_id", "flagged", "score", "cell", "registry_version", "rules_version", "context_version", "findings"
    ]  # fmt: skip
    assert (line["listing_id"], line["score"], line["cell"]) == ("L1", 7.25, "similar-mark/same-goods")
    for finding in line["findings"]:
        assert list(finding) == [
            "finding_id", "detector", "version", "mark_id", "stance", "score", "fact", "field", "subject_value",
            "reference_value", "span", "explanation",
        ]  # fmt: skip
        assert finding["span"] == [0, 2]
        assert set(finding["explanation"]) == {"zh", "en"}
    json.dumps(line)


def test_a_finding_in_a_picture_says_where() -> None:
    listing = Listing(listing_id="L1", platform="云市", title="洗衣液")
    evidence = Evidence(
        fact="code-leads-away",
        stance=Stance.FOR,
        score=0.6,
        field="picture",
        subject_value="shop.example",
        params=(("picture", "ab" * 32), ("address", "1.jpg"), ("box", "1,2 30,2 30,40 1,40")),
    )
    shown = screening(listing).model_copy(update={"findings": (signed(evidence, listing, detector="w", version="1"),)})
    (finding,) = lead_line(shown, REGISTRY)["findings"]
    box = [[1, 2], [30, 2], [30, 40], [1, 40]]
    assert finding["picture"] == {"address": "1.jpg", "sha256": "ab" * 32, "box": box}


def test_a_parcel_is_named_by_its_token_and_no_cell_is_null() -> None:
    line = lead_line(screening(ParcelRecord(parcel_token="t1", carrier="飞驿"), cell=None), REGISTRY)
    assert next(iter(line)) == "parcel_token"
    assert "listing_id" not in line
    assert line["cell"] is None


def test_written_leads_read_back(tmp_path: Path) -> None:
    path = tmp_path / "leads.jsonl"
    line = lead_line(screening(Listing(listing_id="L1", platform="云市", title="睛川")), REGISTRY)
    path.write_text(json.dumps(line) + "\n" + json.dumps(line) + '\n{"flagged": true, "score": 1}\n', "utf-8")
    rejects = Rejects()
    leads = list(read_leads(path, rejects))
    assert [(lead.subject_id, lead.flagged, lead.score) for lead in leads] == [("L1", True, 7.25)]
    assert [entry["code"] for entry in rejects.samples] == ["duplicate", "missing"]


def test_labels_carry_their_groups_and_a_lead_names_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    rows = [
        {"listing_id": "1", "expect": "lead", "mark_id": "M1", "trick": "shape"},
        {"listing_id": "2", "expect": "none", "group": "plain"},
        {"listing_id": "3", "expect": "lead"},
        {"listing_id": "4", "expect": "perhaps"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    rejects = Rejects()
    labels = read_labels(path, rejects)
    assert [(label.expect, label.groups) for label in labels] == [
        (Expectation.LEAD, {"trick": "shape"}), (Expectation.NONE, {"group": "plain"})
    ]  # fmt: skip
    assert [entry["code"] for entry in rejects.samples] == ["missing", "not-a-choice"]


def test_hits_and_queries(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_bytes("晴川\n\n  云朵鹿 \n".encode("gbk"))
    rejects = Rejects()
    assert list(read_queries(path, rejects)) == ["晴川", "云朵鹿"]
    assert hit_line("晴川", [HitEntry("M1", None, 0.93, "同字", "same")]) == {
        "query": "晴川",
        "hits": [{"mark_id": "M1", "goods_id": None, "score": 0.93, "explanation": {"zh": "同字", "en": "same"}}],
    }
