"""Records on a lead: test purchases, identifications, appraisals; and their way into a case lead's annex."""

from collections.abc import Iterable

from pydantic import ValidationError

from models.case_leads import Amendment, Attachment, CaseLead, Dossier
from models.errors import InputError, NotFoundError
from models.identity import canonical_json
from models.verification import LeadRecord, RecordFile, RecordKind
from review_api.desk import Desk
from review_api.rights.files import Brought, keep_file
from review_api.sessions import Visitor

MOST_FILES = 20
# What the annex calls a record.
TITLES: dict[RecordKind, str] = {
    RecordKind.PURCHASE: "购样记录",
    RecordKind.IDENTIFICATION: "辨认意见",
    RecordKind.APPRAISAL: "鉴定报告",
}
# What a person is told of a field that a record cannot do without.
NEEDED = {
    "order_no": ("订单号", "the order's number"),
    "item": (
        "实物或样品：辨认和鉴定须写明所依据的实物或封存样品编号，仅凭页面不能形成",
        "the goods or sample: without them there is only a first opinion; name the lot's or sealed sample's number",
    ),
    "basis": ("依据（实物或样品）", "whether it rests on goods or a sample"),
    "holder": ("权利人", "the rights holder"),
    "person": ("辨认人员", "who identified them"),
    "institution": ("鉴定机构", "the institution"),
    "report_no": ("报告编号", "the report's number"),
    "conclusion": ("结论", "the conclusion"),
}


def add_record(at_desk: Desk, caller: Visitor, record: LeadRecord, files: Iterable[Brought]) -> LeadRecord:
    """Keep a record with its files. Raises `NotFoundError` for a lead that is not there, `InputError` for a file that
    is not taken."""
    at_desk.store.leads.get(caller.organisation_id, record.lead_id)
    brought = list(files)
    if len(brought) > MOST_FILES:
        raise InputError(f"最多 {MOST_FILES} 个文件 / at most {MOST_FILES} files", where="files")
    kept = tuple(RecordFile(name=each.name[:200], sha256=keep_file(at_desk, each)) for each in brought)
    return at_desk.store.verification.record(record.model_copy(update={"files": kept}))


def record_of(at_desk: Desk, caller: Visitor, lead_id: str, kind: RecordKind, fields: dict[str, object]) -> LeadRecord:
    """A record from what a person filled in. Raises `InputError` that names what is missing."""
    try:
        return LeadRecord.model_validate(
            {
                "organisation_id": caller.organisation_id,
                "lead_id": lead_id,
                kind.value: {
                    name: value for name, value in fields.items() if name != "note" and value not in ("", None)
                },
                "note": fields.get("note") or "",
                "by": caller.account.name,
                "at": at_desk.clock(),
            }
        )
    except ValidationError as error:
        raise _told(error) from None


def file_of(at_desk: Desk, caller: Visitor, lead_id: str, sha256: str) -> tuple[RecordFile, bytes]:
    """A file of one of the lead's records. Raises `NotFoundError`."""
    for record in at_desk.store.verification.records(caller.organisation_id, lead_id):
        for file in record.files:
            if file.sha256 == sha256:
                return file, at_desk.objects.get(sha256)
    raise NotFoundError("no such file of this lead", where=sha256)


def records_left(at_desk: Desk, caller: Visitor, dossier: Dossier) -> int:
    """How many records of the dossier's leads are not in its annex yet."""
    held = {each.name for each in dossier.attachments}
    store = at_desk.store.verification
    found = (record for lead_id in dossier_leads(dossier) for record in store.records(caller.organisation_id, lead_id))
    return sum(f"{TITLES[record.kind]} {record.number}（记录）" not in held for record in found)


def attach_records(at_desk: Desk, caller: Visitor, case_number: str, *, revision: int) -> CaseLead:
    """A new version of the dossier with every record of its leads in the annex: the record itself and its files, each
    by its hash. Raises `InputError` where nothing is left to attach."""
    dossier = at_desk.store.case_leads.get(caller.organisation_id, case_number).dossier
    held = {each.sha256 for each in dossier.attachments}
    new = [each for each in _attachments(at_desk, caller, dossier_leads(dossier)) if each.sha256 not in held]
    if not new:
        raise InputError("没有新的核实记录可列入 / no further record is left to attach", where=case_number)
    return at_desk.store.case_leads.amend(
        caller.organisation_id,
        case_number,
        Amendment(reason="列入核实记录", attachments=tuple(new)),
        revision=revision,
        by=caller.account.name,
        at=at_desk.clock(),
    )


def dossier_leads(dossier: Dossier) -> tuple[str, ...]:
    return tuple(lead.lead_id for lead in dossier.leads)


def _attachments(at_desk: Desk, caller: Visitor, lead_ids: Iterable[str]) -> Iterable[Attachment]:
    for lead_id in lead_ids:
        for record in reversed(at_desk.store.verification.records(caller.organisation_id, lead_id)):
            title = f"{TITLES[record.kind]} {record.number}"
            sheet = at_desk.objects.put(canonical_json(record.model_dump(mode="json")))
            yield Attachment(name=f"{title}（记录）", sha256=sheet, source=_source(record), at=record.at)
            for file in record.files:
                yield Attachment(
                    name=f"{title} {file.name}"[:200], sha256=file.sha256, source=_source(record), at=record.at
                )


def _source(record: LeadRecord) -> str:
    told: list[tuple[str, str]] = []
    if record.purchase is not None:
        bought = record.purchase
        told += [("订单", bought.order_no), ("运单", bought.waybill_no)]
        told += [("封样", bought.sealed_sample), ("备样", bought.spare_sample)]
    if record.identification is not None:
        seen = record.identification
        told += [("辨认", seen.holder), ("文号", seen.document_no), ("实物或样品", seen.item)]
    if record.appraisal is not None:
        made = record.appraisal
        told += [("机构", made.institution), ("报告", made.report_no), ("样品", made.item)]
    return "；".join(f"{name} {value}" for name, value in told if value)[:500]


def _told(error: ValidationError) -> InputError:
    fault = error.errors(include_input=False, include_url=False)[0]
    field = str(fault["loc"][-1]) if fault["loc"] else ""
    zh, en = NEEDED.get(field, ("所填内容", "what was filled in"))
    return InputError(
        f"请填写或检查{zh} / fill in or check {en}", where=field, mend="补充后再提交 / fill it in and send it again"
    )
