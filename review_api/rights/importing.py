"""Imports: a file is previewed, every fault by its row and column, and only the bytes that were previewed may be
confirmed, while the rows that they were held against still stand."""

from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import uuid4

from models.errors import ConflictError, InputError
from models.formats.reasons import RowFault
from models.formats.uploads import UploadFault, UploadRow, in_order, read_upload, told
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry, row_digest
from models.rights import RegistryUpload, RowsBefore, UploadKind, rows_of, state_of
from models.values import Value
from review_api.desk import Desk
from review_api.rights.changing import commit, replaced
from review_api.rights.history import GOODS_FIELDS, MARK_FIELDS, FieldChange, field_changes
from review_api.rights.seats import Seat, seat_at
from review_api.sessions import Visitor

MOST_SHOWN = 200
Row = TypeVar("Row", Mark, ReferenceGoods)


class PlannedRow(Value):
    """One row and what it would do."""

    line: int
    act: str
    name: str
    text: str
    changes: tuple[FieldChange, ...] = ()


class ImportPreview(Value):
    """What a file would do. `removed` are authorisations that its marks have today and the file does not name."""

    upload_id: str = ""
    kind: UploadKind
    file_name: str
    sha256: str = ""
    place_id: str
    added: int
    changed: int
    unchanged: int
    removed: int
    left_out: int
    rows: tuple[PlannedRow, ...]
    faults: tuple[UploadFault, ...]
    remarks: tuple[UploadFault, ...]

    @property
    def does_something(self) -> bool:
        return bool(self.added or self.changed or self.removed)


class _Plan(Value):
    preview: ImportPreview
    rows: dict[str, RowsBefore]


def preview_file(
    at_desk: Desk, caller: Visitor, seat: Seat, kind: UploadKind, file_name: str, data: bytes
) -> ImportPreview:
    """Read and plan; keep the bytes and what they were held against. Raises `FileRejected`."""
    registry = seat.registry()
    plan = _planned(seat, registry, kind, file_name, data)
    upload = RegistryUpload(
        organisation_id=caller.organisation_id,
        upload_id=uuid4().hex,
        place_id=seat.place.place_id,
        kind=kind,
        file_name=file_name[:200],
        sha256=at_desk.objects.put(data),
        state=own_state(seat, registry),
        by=caller.account.name,
        at=at_desk.clock(),
    )
    at_desk.store.rights.keep_upload(upload)
    return plan.preview.model_copy(update={"upload_id": upload.upload_id, "sha256": upload.sha256})


def shown_again(at_desk: Desk, caller: Visitor, upload_id: str) -> ImportPreview:
    """The preview of an upload as it would be today. Raises `NotFoundError`."""
    upload = at_desk.store.rights.upload(caller.organisation_id, upload_id)
    seat = seat_at(at_desk, caller, upload.place_id)
    plan = _planned(seat, seat.registry(), upload.kind, upload.file_name, at_desk.objects.get(upload.sha256))
    return plan.preview.model_copy(update={"upload_id": upload_id, "sha256": upload.sha256})


def confirm(at_desk: Desk, caller: Visitor, upload_id: str, sha256: str) -> ImportPreview:
    """Make the previewed change. Raises `NotFoundError`; `ConflictError` for other bytes than those previewed, for a
    preview that is stale and for one that was confirmed; `InputError` where nothing of it can be taken."""
    upload = at_desk.store.rights.upload(caller.organisation_id, upload_id)
    seat = seat_at(at_desk, caller, upload.place_id)
    if sha256 != upload.sha256:
        raise ConflictError(
            "确认的内容与预览的文件不一致 / these are not the bytes that were previewed",
            where="sha256",
            mend="请重新上传并预览 / upload and preview the file again",
        )
    data = at_desk.objects.get(upload.sha256)
    done: list[_Plan] = []

    def made(registry: Registry) -> Registry:
        if own_state(seat, registry) != upload.state:
            raise ConflictError(
                "预览之后贵方登记内容已有变化，没有导入 / your rows changed after the preview; nothing was imported",
                where=upload.file_name,
                mend="请重新上传并预览 / upload and preview the file again",
            )
        plan = _planned(seat, registry, upload.kind, upload.file_name, data)
        if not plan.preview.does_something:
            raise InputError(
                "文件没有可导入的变化 / nothing in this file would change anything",
                where=upload.file_name,
                mend="改正错误后重新上传 / mend the faults and upload it again",
            )
        done.append(plan)
        return replaced(registry, plan.rows)

    made(seat.registry())  # so that a refused one is not taken as confirmed
    at_desk.store.rights.take_upload(caller.organisation_id, upload_id, at=at_desk.clock())
    commit(at_desk, caller, seat, made)
    return done[-1].preview.model_copy(update={"upload_id": upload_id, "sha256": upload.sha256})


def own_state(seat: Seat, registry: Registry) -> str:
    """Names everything that stands under the holder's marks."""
    return state_of([rows_of(registry, mark.mark_id) for mark in registry.marks if seat.place.holds(mark)])


def _planned(seat: Seat, registry: Registry, kind: UploadKind, file_name: str, data: bytes) -> _Plan:
    fixed = {"holder": seat.place.holder_name} if kind is UploadKind.MARKS else {}
    read = read_upload(kind.value, file_name, data, fixed=fixed)
    rows: dict[str, RowsBefore] = {}
    planned: list[PlannedRow] = []
    faults: list[UploadFault] = list(read.faults)
    good: list[UploadRow] = []
    for each in read.rows:
        fault = _fault(seat, registry, each.row)
        if fault is None:
            good.append(each)
        else:
            faults.append(told(each.line, fault, read.columns))
    if kind is UploadKind.AUTHORISED:
        removed = _plan_sellers(registry, good, rows, planned)
    else:
        removed = 0
        for each in good:
            planned.append(_plan_row(registry, each, rows, read.columns))
    counts = {act: sum(row.act == act for row in planned) for act in ("added", "changed", "unchanged")}
    shown = sorted(planned, key=lambda row: row.act == "unchanged")[:MOST_SHOWN]
    preview = ImportPreview(
        kind=kind,
        file_name=file_name,
        place_id=seat.place.place_id,
        **counts,
        removed=removed,
        left_out=len({fault.line for fault in faults}),
        rows=tuple(shown),
        faults=in_order(faults, read.columns),
        remarks=read.remarks,
    )
    return _Plan(preview=preview, rows=rows)


def _fault(seat: Seat, registry: Registry, row: Mark | ReferenceGoods | AuthorisedSeller) -> RowFault | None:
    """Why this row may not be put in by this caller."""
    standing = registry.mark_by_id.get(row.mark_id)
    if isinstance(row, Mark):
        if standing is not None and not seat.place.holds(standing):
            return RowFault("taken", field="mark_id", value=row.mark_id)
    elif standing is None or not seat.place.holds(standing):
        return RowFault("unknown-parent", field="mark_id", value=row.mark_id)
    if not seat.reaches(row.mark_id):
        return RowFault("outside-power", field="mark_id", value=row.mark_id)
    if isinstance(row, ReferenceGoods):
        holder = next((each.mark_id for each in registry.goods if each.goods_id == row.goods_id), row.mark_id)
        if holder != row.mark_id:
            return RowFault("taken", field="goods_id", value=row.goods_id)
    return None


def _plan_row(
    registry: Registry, each: UploadRow, rows: dict[str, RowsBefore], columns: Mapping[str, str]
) -> PlannedRow:
    """A mark or goods: put in, or in the place of the row of its number. What the file has no column for stays."""
    row = each.row
    standing = rows.get(row.mark_id) or rows_of(registry, row.mark_id)
    if isinstance(row, Mark):
        mark = row if standing.mark is None else _over(standing.mark, row, MARK_FIELDS, columns)
        rows[row.mark_id] = standing.model_copy(update={"mark": mark})
        return _planned_row(each.line, standing.mark, mark, MARK_FIELDS, row.mark_id, row.text)
    if not isinstance(row, ReferenceGoods):
        raise TypeError(f"a seller is planned by mark, not by row: {row.mark_id}")
    before = next((goods for goods in standing.goods if goods.goods_id == row.goods_id), None)
    new = row if before is None else _over(before, row, GOODS_FIELDS, columns)
    kept = (goods for goods in standing.goods if goods.goods_id != row.goods_id)
    rows[row.mark_id] = standing.model_copy(update={"goods": (*kept, new)})
    return _planned_row(each.line, before, new, GOODS_FIELDS, row.goods_id, row.name)


def _over(before: Row, row: Row, fields: tuple[str, ...], columns: Mapping[str, str]) -> Row:
    """The row over the one that stands: pictures and fields without a column as they were, other columns added."""
    kept = {name: getattr(before, name) for name in fields if name == "images" or name not in columns}
    return row.model_copy(update={**kept, "attributes": {**before.attributes, **row.attributes}})


def _planned_row(
    line: int,
    before: Mark | ReferenceGoods | None,
    new: Mark | ReferenceGoods,
    fields: tuple[str, ...],
    name: str,
    text: str,
) -> PlannedRow:
    same = before is not None and row_digest(before) == row_digest(new)
    act = "added" if before is None else "unchanged" if same else "changed"
    changes = field_changes(before, new, fields) if act == "changed" else ()
    return PlannedRow(line=line, act=act, name=name, text=text or name, changes=changes)


def _plan_sellers(
    registry: Registry, good: Iterable[UploadRow], rows: dict[str, RowsBefore], planned: list[PlannedRow]
) -> int:
    """The sellers of every mark that the file names become those of the file; how many would go."""
    by_mark: dict[str, list[AuthorisedSeller]] = {}
    removed = 0
    for each in good:
        if not isinstance(each.row, AuthorisedSeller):
            continue
        seller = each.row
        known = {row_digest(one) for one in registry.authorised_by_mark.get(seller.mark_id, ())}
        act = "unchanged" if row_digest(seller) in known else "added"
        planned.append(
            PlannedRow(line=each.line, act=act, name=seller.mark_id, text=seller.seller_name or seller.seller_id)
        )
        by_mark.setdefault(seller.mark_id, []).append(seller)
    for mark_id, sellers in by_mark.items():
        unique = tuple({row_digest(one): one for one in sellers}.values())
        before = rows_of(registry, mark_id)
        names = {row_digest(one) for one in unique}
        gone = sum(row_digest(one) not in names for one in before.authorised)
        removed += gone
        if gone or len(unique) != len(before.authorised):
            rows[mark_id] = before.model_copy(update={"authorised": unique})
    return removed
