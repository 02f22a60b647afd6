"""`jianzhen case-lead`: registered dossiers as files, and the list of them."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from jianzhen.whole_files import replacing

if TYPE_CHECKING:
    from jianzhen.engine import Engine
    from models.case_leads import ExportRecord

group = typer.Typer(help="案件线索 / Case leads.", no_args_is_help=True)

PAGE = 200


class Format(StrEnum):
    """The kinds of `models.case_leads.ExportKind`, named here so that help loads no engine; a test holds them equal."""

    JSON = "json"
    XLSX = "xlsx"
    CSV = "csv"
    REGISTRATION_DOCX = "registration-docx"
    REGISTRATION_PDF = "registration-pdf"
    TRANSFER_DOCX = "transfer-docx"
    TRANSFER_PDF = "transfer-pdf"


class Tongue(StrEnum):
    ZH = "zh"
    EN = "en"


@group.callback()
def about() -> None:
    """案件线索 / Case leads."""


@group.command("export")
def export(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="案件线索编号，如 2026-00001 / case lead's number")],
    format: Annotated[Format, typer.Option(help="文件种类 / kind of file")] = Format.XLSX,
    out: Annotated[
        Path | None, typer.Option(help="写到哪里，默认 case-lead-编号.格式 / where to, default case-lead-NUMBER")
    ] = None,
    language: Annotated[Tongue, typer.Option(help="表格语言 / language of tables")] = Tongue.ZH,
    receiver: Annotated[str, typer.Option(help="接收单位，移送函必填 / for whom; a letter of transfer needs it")] = "",
    by: Annotated[str, typer.Option(help="登记为谁导出 / in whose name it is recorded")] = "command-line",
) -> None:
    """导出已登记的案件线索并登记该次导出 / Export a registered case lead, and record that it was exported."""
    session = session_of(context)
    engine, organisation_id = session.engine, session.settings.organisation_id
    path = out or Path(f"case-lead-{number}.{suffix(format)}")
    record = write_export(
        engine, number, format, path, organisation_id=organisation_id, by=by, receiver=receiver, language=language
    )
    typer.echo(str(path))
    note(f"案卷摘要 / dossier digest: {record.dossier_digest}")
    note(f"文件校验值 / file's SHA-256: {record.sha256}")


@group.command("list")
def show(context: typer.Context) -> None:
    """列出已登记的案件线索 / List registered case leads, newest first."""
    from models.case_leads.keeping import CaseQuery

    session = session_of(context)
    cases, after = session.engine.store.case_leads, ""
    rows: list[tuple[object, ...]] = []
    while True:
        page = cases.find(session.settings.organisation_id, CaseQuery(after=after, limit=PAGE))
        rows += [
            (
                each.case_number,
                each.result or each.state,
                f"{each.due_on}" if each.due_on else "-",
                f"{each.registered_at:%Y-%m-%d %H:%M} UTC",
                each.accepted_by,
                each.leads,
            )
            for each in page.cases
        ]
        after = page.next_cursor
        if not after:
            break
    columns = (
        "编号 / number", "状态 / state", "期限 / due", "登记时间 / registered", "登记人 / by", "线索数 / leads",
    )  # fmt: skip
    print_table("案件线索 / Case leads", columns, rows, numbers=1)


def write_export(
    engine: "Engine",
    number: str,
    format: Format,
    path: Path,
    *,
    organisation_id: str,
    by: str,
    receiver: str = "",
    language: Tongue = Tongue.ZH,
) -> "ExportRecord":
    """Make, record and write an export, whole or not at all; the audit trail tells of it before the file is there."""
    from models.audit import Act, AuditEntry
    from models.case_leads import ExportKind
    from models.moments import now
    from review_api.cases.exporting import Exporter

    exporter = Exporter(
        store=engine.store,
        objects=engine.objects,
        settings=engine.settings.review,
        organisation_id=organisation_id,
        by=by,
        at=now(),
    )
    done = exporter.export(number, ExportKind(format.value), receiver=receiver, language=language.value)
    told = {"file": format.value, **({"receiver": receiver} if receiver else {})}
    engine.store.audit.append(
        AuditEntry(
            organisation_id=organisation_id,
            at=done.record.at,
            actor=by,
            act=Act.EXPORTED,
            about=f"{number}/{done.record.number}",
            details=told,
        )
    )
    with replacing(path) as file:
        file.write(done.data)
    return done.record


def suffix(format: Format) -> str:
    """The file's extension."""
    return format.rpartition("-")[2]
