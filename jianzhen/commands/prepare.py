"""`jianzhen prepare`: everything that must be there before workers and console start; safe to run again."""

from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note
from models.errors import TransientFault

if TYPE_CHECKING:
    from jianzhen.engine import Engine

PAUSE_S = 1.0


def command(
    context: typer.Context,
    wait: Annotated[
        float,
        typer.Option(min=0, help="服务器未就绪时最多等待的秒数 / seconds to wait for servers that are not up yet"),
    ] = 0.0,
) -> None:
    """准备运行环境：建表、创建主题、检查对象存储 / Migrate the store, create the topics, check the object store."""
    engine = session_of(context).engine
    until = monotonic() + wait
    while True:
        try:
            prepare(engine)
            return
        except TransientFault as fault:
            if monotonic() >= until:
                raise
            note(f"等待 / waiting: {fault}")
            sleep(PAUSE_S)


def prepare(engine: "Engine") -> None:
    """Bring the servers to what this version needs. Raises `TransientFault` while one is away."""
    engine.migrate()
    note("数据库已就绪 / the store is at this version's tables")
    made = engine.create_topics()
    note(f"已创建主题 / topics created: {', '.join(made)}" if made else "主题齐全 / every topic exists")
    engine.check_objects()
    note("对象存储已就绪 / the object store answers")
