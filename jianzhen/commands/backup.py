"""`jianzhen backup`: everything an installation has to keep, in one new folder with a manifest."""

from pathlib import Path
from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note


def command(
    context: typer.Context,
    to: Annotated[Path, typer.Argument(metavar="DIR", help="新的文件夹 / a new folder")],
) -> None:
    """备份：数据库、内置日志、对象文件、搬运记录，附清单和校验值；运行中也可备份 / Back up store, log, objects and
    what was carried, with a manifest; while everything runs."""
    from jianzhen.backup import back_up

    manifest = back_up(session_of(context).settings, to)
    size, took = sum(each.bytes for each in manifest.files), manifest.ended_at - manifest.begun_at
    note(f"已备份 / backed up: {to}, {len(manifest.files)} 个文件 / files, {size:,} B, {took.total_seconds():.1f} s")
    for part, where in manifest.left_out.items():
        note(f"未包含 / not included: {part} ({where})")
    for name in manifest.damaged:
        note(f"对象已损坏 / a damaged object: {name}")
