"""The console's texts and templates: every word there in both languages, each used, none written into a template."""

import re
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest

from models.audit import Act
from models.case_leads import CaseAct, CaseResult, CaseState, ExportKind, Ground, Open
from models.dead_letters import LetterState
from models.events import AnyEvent
from models.formats.uploads import HEADINGS
from models.groups import AlarmKind, GroupAct
from models.leads import Cell, Disposition
from models.liaison import (
    BatchState,
    LetterKind,
    LiaisonAct,
    LineFate,
    ReplyKind,
    RowState,
    StatementPhase,
)
from models.liaison.answers import WHYS
from models.mark_checks import CheckResult, CheckStanding, Compared
from models.organisations import OrganisationKind, Role, Scope
from models.queue.bulk import BulkKind
from models.queue.places import Place
from models.queue.search import SearchKind
from models.queue.statements import StatementForm
from models.registry import Fame, MarkKind, MarkStatus, Relation
from models.rights import UploadKind
from models.verification import (
    Appraisal,
    Basis,
    Feedback,
    Identification,
    Opinion,
    RecordKind,
    TestPurchase,
)
from review_api.cases.clock import ClockPhase
from review_api.console.filters import ALL, CAPTURED, DETECTORS, KINDS, ORDERS, TABS, TURNS
from review_api.console.pages import SECTIONS
from review_api.console.texts import catalogue
from review_api.console.themes import THEMES
from review_api.liaison.files import FILE_TYPES
from review_api.rights.finding import Warning
from review_api.rights.history import GOODS_FIELDS, MARK_FIELDS

CONSOLE = Path(str(resources.files("review_api.console")))
TEMPLATES = sorted((CONSOLE / "templates").glob("*.html"))


FIELDS_SEARCHED = {"title", "seller", "brand", "native_id", "platform", "name", "uscc", "text", "aliases", "holder",
                   "registration_no", "mark_id"}  # fmt: skip
KEYS_TOLD = {"keys_queue", "keys_lead", "keys_everywhere", "move", "open_lead", "choose", "accept", "dismiss", "claim",
             "release", "undo", "pages", "views", "next", "back", "more", "operator", "search", "filters", "parts",
             "help", "leave"}  # fmt: skip
# Families of texts that templates name by a value: the values they have to cover.
FAMILIES: dict[str, set[str]] = {
    "theme": set(THEMES),
    "disposition": {*TABS, ALL, *Disposition},
    "kind": set(KINDS),
    "detector": set(DETECTORS),
    "order": set(ORDERS),
    "ground": set(Ground),
    "order_short": set(ORDERS),
    "place": set(Place),
    "turn": set(TURNS),
    "captured": set(CAPTURED),
    "statement": set(StatementForm),
    "search_kind": set(SearchKind),
    "search_field": FIELDS_SEARCHED,
    "bulk": {f"done_{kind}" for kind in BulkKind},
    "keys": KEYS_TOLD,
    "plot_unit": {"piece", "g", "ml"},
    "letter_kind": set(LetterKind),
    "message_kind": {"listing", "parcel", *(event.kind for event in get_args(AnyEvent))},
    "letter_file": set(FILE_TYPES),
    "document_purpose": {"evidence", "certificate", "identity", "warrant"},
    "batch_state": set(BatchState),
    "row_state": set(RowState),
    "line_fate": set(LineFate),
    "line_why": set(WHYS),
    "statement_phase": set(StatementPhase),
    "reply_kind": set(ReplyKind),
    "liaison_act": set(LiaisonAct),
    "cell": set(Cell),
    "cell_words": set(Cell),
    "mark_kind": set(MarkKind),
    "mark_status": set(MarkStatus),
    "fame": set(Fame),
    "relation": set(Relation),
    "condition": {"new", "used", "refurbished"},
    "sign_in": {"wrong", "wait", "expired", "oidc", "nobody"},
    "nav": {"to_zh", "to_en"},
    "group_act": set(GroupAct),
    "alarm": set(AlarmKind),
    "case_state": set(CaseState),
    "case_act": set(CaseAct),
    "case_result": set(CaseResult),
    "clock": set(ClockPhase),
    "open_point": set(Open),
    "export_kind": set(ExportKind),
    "level": {"low", "middle", "high"},
    "event": {"accepted", "arrived", "delivering"},
    "role": set(Role),
    "organisation_kind": set(OrganisationKind),
    "scope": set(Scope),
    "act_done": set(Act),
    "detail": {"way", "roles", "holder", "disposition", "case_number"},
    "right_field": {*MARK_FIELDS, *GOODS_FIELDS, *HEADINGS.values()},
    "right_history": {
        "added",
        "changed",
        "removed",
        "goods_added",
        "goods_changed",
        "goods_removed",
        "seller_added",
        "seller_removed",
    },
    "right_warning": set(Warning),
    "right_import": {"added", "changed", "unchanged"},
    "upload_kind": set(UploadKind),
    "letter_state": set(LetterState),
    "check": {"due", "soon", "all"},
    "check_standing": set(CheckStanding),
    "check_result": set(CheckResult),
    "compared": set(Compared),
    "opinion": set(Opinion),
    "feedback": set(Feedback),
    "record_kind": set(RecordKind),
    "record_note": set(RecordKind),
    "record_field": {*TestPurchase.model_fields, *Identification.model_fields, *Appraisal.model_fields},
    "basis": set(Basis),
    "told": {"password", "changed", "secret", "revoked"},
}


# Families that also have texts which templates name outright.
MIXED = {"check", "right_history", "right_import"}


def test_every_text_is_there_in_both_languages() -> None:
    for key, words in catalogue().items():
        assert set(words) == {"zh", "en"}, key
        assert all(words.values()), key
        fields = [set(re.findall(r"\{(\w+)\}", text)) for text in words.values()]
        assert fields[0] == fields[1], key


def test_families_of_texts_cover_their_values() -> None:
    for family, values in FAMILIES.items():
        assert {f"{family}.{value}" for value in values} <= set(catalogue()), family


def test_templates_use_texts_that_exist_and_every_text_is_used() -> None:
    sources = "".join(path.read_text("utf-8") for path in TEMPLATES)
    python = "".join(path.read_text("utf-8") for path in CONSOLE.glob("*.py"))
    named = set(re.findall(r'\bt\("([\w.\-/]+)"[,)]', sources)) | set(re.findall(r'texts\("([\w.]+)"', python))
    named |= {f"nav.{section[1:].replace('-', '_')}" for section in SECTIONS}
    assert named <= set(catalogue()), named - set(catalogue())
    families = (*(f"{family}." for family in FAMILIES if family not in MIXED), "error.")
    valued = {f"{family}.{value}" for family in MIXED for value in FAMILIES[family]}
    unused = {key for key in catalogue() if key not in named | valued and not key.startswith(families)}
    assert not unused


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path: Path) -> None:
    source = path.read_text("utf-8")
    source = re.sub(r"\{% block body_class %\}\w*", "", source)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", source, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "", source)
    assert not re.search(r"[A-Za-z\u3400-\u9fff]", text), text.strip()
    for attribute in re.findall(r'(?:title|alt|aria-label|placeholder)="([^"]*)"', source):
        assert not re.search(r"[A-Za-z\u3400-\u9fff]", attribute), attribute


def test_pages_load_nothing_inline_and_nothing_from_elsewhere() -> None:
    for path in TEMPLATES:
        source = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", source), path.name
        assert not re.search(r'(?:src|href)="(?:https?:)?//', source), path.name
    for path in (path for path in (CONSOLE / "static").rglob("*.*") if path.parent.name != "third-party"):
        assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", path.read_text("utf-8")), path.name
