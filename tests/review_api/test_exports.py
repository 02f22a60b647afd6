"""Exports: JSON that can be verified, XLSX in which nothing is ever a formula."""

import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from models.case_leads import CaseLead, Dossier
from models.errors import InputError
from models.explanations import Language
from models.identity import canonical_json
from models.leads import Disposition, Lead
from models.subjects import Listing, Seller
from review_api.exports import verify_json, write_json, write_xlsx
from review_api.exports.cells import LONGEST_CELL, fill_text, holdable
from tests.review_api.evidence import screening
from tests.review_api.registered import MARKS, REGISTRY
from tests.review_api.scene import START, subjects

NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠1", "=HYPERLINK(\"http://x\")",
         "_x0041_", "a\x00b\x1f", "\ud800", "\ufffe", "x" * 40_000, "😀" * 20_000, "", " ", "'=1"]  # fmt: skip


DOCUMENT = Path(__file__).parents[2] / "docs" / "case-leads.md"


@pytest.mark.parametrize("title", [None, "=1+1\u202e\x00\ud800 \\ud800 ☃ \u2028"])
def test_a_stranger_checks_an_export_with_the_documented_lines(tmp_path: Path, title: str | None) -> None:
    (lines,) = re.findall(r"```python\n(.+?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert len(lines.strip().splitlines()) <= 10
    exported = write_json(case_lead(title=title))
    for data, told in (
        (exported, "unchanged"),
        (exported.replace(b'"accepted_by":"he.lan"', b'"accepted_by":"wu"'), "CHANGED"),
    ):
        file = tmp_path / "dossier.json"
        file.write_bytes(data)
        answer = subprocess.run(
            [sys.executable, "-I", "-c", lines, str(file)], capture_output=True, text=True, check=True
        )
        assert answer.stdout.strip() == told


def case_lead(*, title: str | None = None, seller: str = "", note: str = "") -> CaseLead:
    """A case lead of the world's leads, the first of them with this title and seller."""
    leads = []
    for subject, evidence in subjects("linhai"):
        if title is not None and isinstance(subject, Listing) and not leads:
            subject = subject.model_copy(update={"title": title, "seller": Seller(name=seller)})
        made = screening(subject, evidence, REGISTRY, at=START)
        leads.append(
            Lead(
                organisation_id="linhai",
                lead_id=subject.key.token,
                screening=made,
                disposition=Disposition.ACCEPTED,
                case_number="2026-00001",
                revision=1,
                first_seen=START,
                last_seen=START,
            )
        )
    dossier = Dossier(
        case_number="2026-00001",
        organisation_id="linhai",
        accepted_by="he.lan",
        accepted_at=START,
        note=note,
        leads=tuple(leads),
        marks=MARKS,
    )
    return CaseLead(
        organisation_id="linhai",
        case_number="2026-00001",
        dossier=dossier,
        dossier_digest=dossier.digest,
        registered_at=START,
    )


@pytest.fixture(scope="module")
def plain() -> CaseLead:
    return case_lead(note="同一货源，请核查发货地。")


def test_json_says_everything_and_verifies(plain: CaseLead) -> None:
    data = write_json(plain)
    document = json.loads(data)
    assert data == canonical_json(document) == write_json(plain)
    assert verify_json(data)
    assert CaseLead.model_validate({key: document[key] for key in CaseLead.model_fields}) == plain
    findings = [finding for lead in plain.dossier.leads for finding in lead.screening.findings]
    assert set(document["explanations"]) == {finding.finding_id for finding in findings}


def test_one_changed_character_is_noticed(plain: CaseLead) -> None:
    document = json.loads(write_json(plain))
    document["dossier"]["leads"][0]["screening"]["subject"]["price"] = "59.91"
    assert not verify_json(canonical_json(document))
    with pytest.raises(InputError):
        verify_json(b"{}")
    with pytest.raises(InputError):
        verify_json(b"\xff")


@given(st.text(st.characters(codec=None)))
@settings(max_examples=200, deadline=None)
def test_json_loses_no_text(text: str) -> None:
    assert json.loads(canonical_json({"text": text})) == {"text": text}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_workbook_has_eight_sheets_with_typed_cells(plain: CaseLead, language: Language) -> None:
    book = load_workbook(io.BytesIO(write_xlsx(plain, language)))
    names = {
        "zh": ["案件线索", "疑似信息", "疑点与排除因素", "排除因素的回应", "经营额推算", "图片", "附件清单", "说明"],
        "en": ["Case lead", "Leads", "Findings", "Answers", "Estimate", "Pictures", "Annex", "Notes"],
    }
    assert book.sheetnames == names[language]
    leads, findings = book[names[language][1]], book[names[language][2]]
    assert leads.max_row == 1 + len(plain.dossier.leads)
    assert findings.max_row == 1 + sum(len(lead.screening.findings) for lead in plain.dossier.leads)
    assert leads.freeze_panes == "A2"
    row = {leads.cell(1, column).value: leads.cell(2, column).value for column in range(1, leads.max_column + 1)}
    price = row["标价/申报价值" if language == "zh" else "Price or declared value"]
    seen = row["首次发现（北京时间）" if language == "zh" else "First seen (Beijing time)"]
    assert price == 59.9
    assert seen == datetime(2026, 3, 16, 9, 30)  # noqa: DTZ001 - a sheet has no zones; the heading names it
    points = sum(cell.value for cell in findings["D"][1:] if isinstance(cell.value, float | int))
    assert points == pytest.approx(sum(lead.screening.assessment.score for lead in plain.dossier.leads))


def formulas(data: bytes) -> list[str]:
    """Every formula element in the file itself, whatever a reader makes of it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return [name for name in sheets if re.search(rb"<f[ >/]", archive.read(name))]


@pytest.mark.parametrize("text", [text for text in NASTY if text and "\ud800" not in text])
def test_no_text_becomes_a_formula(text: str) -> None:
    data = write_xlsx(case_lead(title=text, seller=text, note=text), "zh")
    assert formulas(data) == []
    sheet = load_workbook(io.BytesIO(data))["疑似信息"]
    shown = {sheet.cell(1, column).value: sheet.cell(2, column) for column in range(1, sheet.max_column + 1)}
    cell = shown["商品标题/申报品名"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value == holdable(text, cut="……（截断，全文见 JSON 文件）")


def test_the_check_for_formulas_finds_one() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = "=1+1"
    stream = io.BytesIO()
    book.save(stream)
    assert formulas(stream.getvalue())


@given(st.lists(st.text(st.characters(codec=None), max_size=60) | st.sampled_from(NASTY), min_size=20, max_size=20))
@settings(max_examples=20, deadline=None)
def test_cells_give_back_what_they_can_hold(texts: list[str]) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row, text in enumerate(texts, start=1):
        fill_text(sheet.cell(row, 1), text)
    stream = io.BytesIO()
    book.save(stream)
    assert formulas(stream.getvalue()) == []
    read = load_workbook(io.BytesIO(stream.getvalue())).worksheets[0]
    for row, text in enumerate(texts, start=1):
        value = read.cell(row, 1).value
        assert (value or "") == holdable(text)
        if text.strip() and len(text) < 1000 and text.isprintable() and "_x" not in text:
            assert value == text


def test_long_text_is_cut_to_what_a_cell_holds() -> None:
    for text in ("x" * 40_000, "😀" * 20_000):
        shown = holdable(text, cut="…")
        assert len(shown.encode("utf-16-le")) // 2 <= LONGEST_CELL
        assert shown.endswith("…")


def test_times_keep_their_zone_in_json(plain: CaseLead) -> None:
    registered = datetime.fromisoformat(json.loads(write_json(plain))["registered_at"])
    assert registered == START
    assert registered.tzinfo is not None
    assert registered.astimezone(UTC) == START
