"""`jianzhen restore`: a backup brought to an empty place."""

from pathlib import Path
from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note


def command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="备份的文件夹 / the backup's folder")],
    aside: Annotated[
        bool,
        typer.Option("--aside", help="把现有的数据库文件、日志和搬运记录改名移开 / move what is there aside first"),
    ] = False,
) -> None:
    """恢复备份到设置所指的空位置：先核对校验值；已有数据时拒绝 / Restore a backup to the empty place that the settings
    name; its checksums are verified first."""
    from jianzhen.backup import move_aside, restore, verify

    settings = session_of(context).settings
    if aside:
        verify(folder)
        for path in move_aside(settings):
            note(f"已移开 / moved aside: {path}")
    manifest = restore(settings, folder)
    note(f"已恢复 / restored: {manifest.begun_at:%Y-%m-%d %H:%M:%S} UTC, {manifest.version}")
    note("接着运行 jianzhen prepare，再启动各进程 / run jianzhen prepare next, then start the processes")
