"""`jianzhen case-lead export`: a registered dossier as a file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from jianzhen.whole_files import replacing
from models.case_leads import CaseLead
from models.explanations import Language

group = typer.Typer(help="案件线索 / Case leads.", no_args_is_help=True)


class Format(StrEnum):
    JSON = "json"
    XLSX = "xlsx"


class Tongue(StrEnum):
    ZH = "zh"
    EN = "en"


@group.callback()
def about() -> None:
    """案件线索 / Case leads."""


@group.command("export")
def export(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="案件线索编号，如 2026-000001 / case lead's number")],
    format: Annotated[Format, typer.Option(help="文件格式 / file format")] = Format.XLSX,
    out: Annotated[
        Path | None, typer.Option(help="写到哪里，默认 案件线索-编号.格式 / where to, default case-lead-NUMBER")
    ] = None,
    language: Annotated[Tongue, typer.Option(help="表格语言 / language of the workbook")] = Tongue.ZH,
) -> None:
    """导出已登记的案件线索 / Export a registered case lead."""
    session = session_of(context)
    case_lead = session.engine.store.case_leads.get(session.settings.organisation_id, number)
    path = write_export(case_lead, format, out or Path(f"case-lead-{number}.{format}"), language.value)
    typer.echo(str(path))
    note(f"摘要 / digest: {case_lead.dossier_digest}")


@group.command("list")
def show(context: typer.Context) -> None:
    """列出已登记的案件线索 / List registered case leads, newest first."""
    session = session_of(context)
    rows = [
        (
            each.case_number,
            f"{each.registered_at:%Y-%m-%d %H:%M} UTC",
            each.dossier.accepted_by,
            len(each.dossier.leads),
        )
        for each in session.engine.store.case_leads.all(session.settings.organisation_id)
    ]
    columns = ("编号 / number", "登记时间 / registered", "登记人 / by", "线索数 / leads")
    print_table("案件线索 / Case leads", columns, rows, numbers=1)


def write_export(case_lead: CaseLead, format: Format, path: Path, language: Language) -> Path:
    """Write the dossier in that format, whole or not at all."""
    from review_api.exports import write_json, write_xlsx

    data = write_json(case_lead) if format is Format.JSON else write_xlsx(case_lead, language)
    with replacing(path) as file:
        file.write(data)
    return path
