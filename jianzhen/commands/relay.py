"""`jianzhen relay`: publishes what the store has to tell others, until it is stopped or nothing waits."""

import signal
from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, out

INTERRUPTED = 130


def command(
    context: typer.Context,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="发完现有消息即结束 / end when nothing waits any more")
    ] = False,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="只显示待发条数和最早时间 / only tell what waits, and since when")
    ] = False,
) -> None:
    """把待发消息（处置、撤回、权利库变更、疑似信息、死信）发布到主题，可同时运行多个 / Publish what waits in the
    outbox; several may run at once."""
    engine = session_of(context).engine
    engine.store.ping()
    if waiting:
        oldest = engine.store.outbox.oldest()
        since = f" ({oldest:%Y-%m-%d %H:%M:%S %z})" if oldest else ""
        out().print(f"待发布 / waiting: {engine.store.outbox.waiting()}{since}")
        return
    relay = engine.relay()
    if until_idle:
        note(f"已发布 / published: {relay.drain()}")
        return
    stopped: list[int] = []

    def stop(number: int, _: object) -> None:
        stopped.append(number)
        relay.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    note("开始发布 / relaying")
    note(f"已发布 / published: {relay.run()}")
    if signal.SIGINT in stopped:
        raise typer.Exit(INTERRUPTED)
