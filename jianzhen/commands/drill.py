"""`jianzhen drill`: a backup made and restored beside the running installation, compared, and timed."""

from pathlib import Path
from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from models.errors import JianzhenError


def command(
    context: typer.Context,
    to: Annotated[Path, typer.Argument(metavar="DIR", help="演练所用的新文件夹 / a new folder for the drill")],
    into: Annotated[
        str, typer.Option(help="PostgreSQL 时恢复到的空数据库地址 / address of an empty database, for PostgreSQL")
    ] = "",
) -> None:
    """备份演练：备份、恢复到别处、逐表核对、核验审计编号和案卷摘要，打印 RPO 与 RTO / Back up, restore elsewhere,
    compare every table, verify the audit trail and the case leads' digests; prints RPO and RTO."""
    from jianzhen.drill import drill

    found = drill(session_of(context).settings, to, into)
    rows = [
        ("备份 / backup", f"{found.backup_s:.2f} s, {found.files} 个文件 / files, {found.bytes:,} B"),
        ("恢复 / restore (RTO)", f"{found.restore_s:.2f} s"),
        ("恢复后缺失的时间 / span not in the backup (RPO)", f"{found.rpo_s:.2f} s"),
        ("疑似信息 / leads", f"{found.leads}"),
        ("案件线索 / case leads verified", f"{found.case_leads}"),
        ("审计记录 / audit entries", f"{found.audit_entries}"),
        ("相同的表 / equal tables", f"{found.equal_tables}"),
        ("演练期间有变化的表 / tables that changed meanwhile", ", ".join(found.changed) or "-"),
    ]
    print_table("备份演练 / Backup drill", ("", ""), rows)
    if found.faults:
        raise JianzhenError(
            "; ".join(found.faults), where=str(to), mend="查明原因后重做 / find out why, and drill again"
        )
    note("演练通过 / the drill passed")
