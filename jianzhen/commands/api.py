"""`jianzhen api`: the review API and console, served until it is stopped."""

from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note


def command(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="监听地址，默认按设置 / address, default from settings")] = "",
    port: Annotated[int, typer.Option(min=-1, max=65535, help="端口，默认按设置 / port, default from settings")] = -1,
) -> None:
    """启动审核接口与控制台 / Serve the review API and the console."""
    from jianzhen.serving import Console

    session = session_of(context)
    engine = session.engine
    engine.store.ping()
    settings = session.settings.serve
    with (
        engine.watched(worker=False),
        Console(engine, host or settings.host, settings.port if port < 0 else port) as console,
    ):
        note(f"控制台 / console: {console.address}  (Ctrl-C 停止 / stops)")
        console.wait()
