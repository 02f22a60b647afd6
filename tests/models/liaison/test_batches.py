"""Batches: who may send what, what keeps one from being signed, and what voids a signature."""

from datetime import date
from typing import Any

import pytest

from models.errors import ConflictError, InputError
from models.liaison import (
    SENDERS,
    BatchState,
    Caution,
    Checked,
    LetterKind,
    changed,
    checked_off,
    kinds_of,
    require_signed,
    sent,
    signed,
    withdrawn,
)
from models.organisations import OrganisationKind
from models.registry import MarkStatus
from tests.models.liaison.samples import (
    AT,
    FILE,
    all_checked,
    content,
    draft,
    mapping,
    row,
    sent_batch,
    signed_batch,
)

UNITS = (OrganisationKind.SUPERVISION, OrganisationKind.POSTAL_SUPERVISION)


def refuses_notices_of_authorities() -> bool:
    """Whether every way to a unit's notice is closed: making one, and signing one that came about some other way."""
    forged = draft().model_copy(update={"sender_kind": OrganisationKind.SUPERVISION})
    tries = [lambda unit=unit: draft(sender_kind=unit, organisation_id="linhai") for unit in UNITS]
    tries.append(lambda: signed(all_checked(forged), mapping(), by="li", name="李", at=AT))
    for attempt in tries:
        try:
            attempt()
        except InputError:
            continue
        return False
    return True


def test_an_authority_never_sends_a_notice() -> None:
    assert refuses_notices_of_authorities()
    assert kinds_of(OrganisationKind.SUPERVISION) == (LetterKind.DATA_REQUEST, LetterKind.ADVICE)
    assert kinds_of(OrganisationKind.RIGHTS_HOLDER) == kinds_of(OrganisationKind.AGENT) == (LetterKind.NOTICE,)
    assert kinds_of(OrganisationKind.PLATFORM) == ()


def test_a_table_that_let_authorities_send_notices_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control of the test above."""
    wide = {**SENDERS, LetterKind.NOTICE: frozenset(OrganisationKind)}
    monkeypatch.setattr("models.liaison.kinds.SENDERS", wide)
    assert not refuses_notices_of_authorities()


def test_a_whole_notice_lacks_nothing_and_still_has_to_be_checked() -> None:
    found = draft().preview(mapping(), at=AT)
    assert found.lacks == ()
    assert [each.code for each in found.doubts] == ["licensed", "resale", "descriptive", "status", "second-hand"]
    assert len(found.unchecked) == 5
    assert not found.ready


LACKS: list[tuple[str, int, dict[str, Any]]] = [
    ("holder-name", 0, {"holder": {"code": "91330100MA0000000X"}}),
    ("holder-identity", 0, {"holder": {"name": "晴川茶业有限公司"}}),
    ("sender-contact", 0, {"sender": {"name": "晴川茶业有限公司"}}),
    ("declaration", 0, {"declared": False}),
    ("asked", 0, {"asked": " "}),
    ("no-marks", 0, {"marks": ()}),
    ("item-id", 1, {"rows": (row(1, item_id=""),)}),
    ("item-twice", 2, {"rows": (row(1), row(1))}),
    ("url", 1, {"rows": (row(1, url="javascript:alert(1)"),)}),
    ("url-host", 1, {"rows": (row(1, url="https://shop.example.cn.evil.example/1"),)}),
    ("platform", 1, {"rows": (row(1, platform="好物街"),)}),
    ("reason", 1, {"rows": (row(1, reason=""),)}),
    ("reason-unknown", 1, {"rows": (row(1, reason="999"),)}),
    ("words", 1, {"rows": (row(1, words=" "),)}),
    ("mark", 1, {"rows": (row(1, mark_id="NO"),)}),
    ("evidence", 1, {"rows": (row(1, evidence=()),)}),
]


@pytest.mark.parametrize(("code", "number", "broken"), LACKS, ids=[code for code, _, _ in LACKS])
def test_each_thing_that_is_missing_is_named_with_its_row_and_its_remedy(
    code: str, number: int, broken: dict[str, Any]
) -> None:
    found = draft(content(**broken)).preview(mapping(), at=AT)
    lack = next((each for each in found.lacks if each.code == code and each.row == number), None)
    assert lack is not None, found.lacks
    assert lack.what("zh")
    assert lack.mend("en")


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("certificate", {"certificate": None}),
        ("registration-no", {"registration_no": ""}),
        ("mark-not-in-force", {"status": MarkStatus.DISPUTED}),
        ("mark-not-in-force", {"valid_to": date(2026, 3, 15)}),
    ],
)
def test_a_mark_needs_its_rights(code: str, change: dict[str, Any]) -> None:
    mark = content().marks[0].model_copy(update=change)
    found = draft(content(marks=(mark,))).preview(mapping(), at=AT)
    assert [each.code for each in found.lacks] == [code]


def test_an_agent_needs_its_power_of_attorney() -> None:
    found = draft(sender_kind=OrganisationKind.AGENT).preview(mapping(), at=AT)
    assert [each.code for each in found.lacks] == ["warrant"]
    over = content(warrant={"document": FILE, "valid_to": date(2026, 3, 15)})
    found = draft(over, sender_kind=OrganisationKind.AGENT).preview(mapping(), at=AT)
    assert [each.code for each in found.lacks] == ["warrant-over"]


def test_a_request_of_an_authority_needs_other_things() -> None:
    body = content(kind=LetterKind.DATA_REQUEST, marks=(), holder={}, declared=False)
    batch = draft(body, sender_kind=OrganisationKind.SUPERVISION)
    assert [each.code for each in batch.preview(mapping(), at=AT).lacks] == ["reference", "second-officer", "reply-by"]


def test_nothing_is_signed_before_it_is_whole_and_checked() -> None:
    with pytest.raises(ConflictError, match="5 not checked"):
        signed(draft(), mapping(), by="wang", name="王晴", at=AT)
    lacking = all_checked(draft(content(declared=False)))
    with pytest.raises(ConflictError, match="1 missing"):
        signed(lacking, mapping(), by="wang", name="王晴", at=AT)
    with pytest.raises(InputError):
        signed(all_checked(draft()), mapping(), by="wang", name=" ", at=AT)
    done = signed(all_checked(draft()), mapping(), by="wang", name="王晴", at=AT)
    assert done.signature is not None
    assert (done.signature.by, done.signature.name, done.signature.at) == ("wang", "王晴", AT)
    assert done.signature.digest == done.letter.digest
    assert done.signed


def test_the_second_officer_is_not_the_signer() -> None:
    body = content(
        kind=LetterKind.DATA_REQUEST, marks=(), reference="临市监函〔2026〕1号", second_officer="李",
        reply_by=date(2026, 4, 1),
    )  # fmt: skip
    batch = all_checked(draft(body, sender_kind=OrganisationKind.SUPERVISION))
    with pytest.raises(InputError, match="another person"):
        signed(batch, mapping(), by="li", name="李", at=AT)
    assert signed(batch, mapping(), by="wu", name="吴", at=AT).signed


def test_any_change_after_signing_voids_the_signature() -> None:
    batch = signed_batch()
    same_but_one = content(*(batch.body.rows[0].model_copy(update={"words": "另一说明"}), *batch.body.rows[1:]))
    for after in (
        changed(batch, same_but_one, at=AT),
        checked_off(batch, [Checked(doubt_id="check-resale", words="重新核对")], by="wang", at=AT),
    ):
        assert after.state is BatchState.DRAFT
        assert after.signature is None
        assert after.revision == batch.revision + 1
        with pytest.raises(ConflictError, match="nobody has signed"):
            require_signed(after)
        with pytest.raises(ConflictError):
            sent(after, by="wang", at=AT)


def test_a_batch_that_was_altered_behind_its_signature_neither_leaves_nor_is_sent() -> None:
    batch = signed_batch()
    altered = batch.model_copy(update={"body": batch.body.model_copy(update={"asked": "请永久关店"})})
    unchecked = batch.model_copy(update={"checked": batch.checked[1:]})
    for forged in (altered, unchecked):
        assert not forged.signed
        with pytest.raises(ConflictError, match="nobody has signed"):
            require_signed(forged)
        with pytest.raises(ConflictError):
            sent(forged, by="wang", at=AT)


def test_what_was_checked_off_falls_when_it_is_no_longer_what_was_looked_at() -> None:
    batch = all_checked(draft())
    assert batch.preview(mapping(), at=AT).ready
    worse = batch.body.rows[1].model_copy(update={"cautions": (Caution(code="authorised-seller", zh="授权卖家"),)})
    after = changed(batch, content(batch.body.rows[0], worse), at=AT)
    (open_point,) = after.preview(mapping(), at=AT).unchecked
    assert next(each for each in after.preview(mapping(), at=AT).doubts if each.doubt_id == open_point).row == 2
    with pytest.raises(InputError, match="no such point"):
        checked_off(after, [Checked(doubt_id="made up", words="好")], by="wang", at=AT)


def test_what_was_sent_is_only_withdrawn() -> None:
    batch, letter = sent_batch()
    assert letter.unchanged
    assert [each.item_id for each in letter.letter.rows] == ["73001", "73002", "73003"]
    assert "cautions" not in letter.model_dump_json()
    assert "已核对" not in letter.model_dump_json()
    with pytest.raises(ConflictError):
        changed(batch, content(), at=AT)
    with pytest.raises(ConflictError):
        sent(batch, by="wang", at=AT)
    with pytest.raises(InputError):
        withdrawn(batch, reason=" ", at=AT)
    gone = withdrawn(batch, reason="权利人确认为正品", at=AT)
    assert gone.state is BatchState.WITHDRAWN
    with pytest.raises(ConflictError):
        withdrawn(gone, reason="再次", at=AT)
    with pytest.raises(ConflictError):
        withdrawn(draft(), reason="未发出", at=AT)
