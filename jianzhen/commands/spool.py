"""`jianzhen spool`: hand over what producers kept on disk while Kafka was away."""

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table


def command(context: typer.Context) -> None:
    """交出 Kafka 中断期间暂存的消息 / Hand over what was kept while Kafka was away. Crawls and imports do it too."""
    from streams.bus.spool import SpoolingBus

    publisher = session_of(context).engine.producing
    if not isinstance(publisher, SpoolingBus):
        note("内置日志无需暂存 / the embedded log needs no spool")
        return
    waiting = publisher.spooled()
    print_table(
        "暂存的消息 / Messages in the spool", ("主题 / topic", "数量 / count"), list(waiting.items()), numbers=1
    )
    if waiting:
        publisher.hand_over()
        note("已交出 / handed over")
