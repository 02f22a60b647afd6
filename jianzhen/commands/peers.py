"""`jianzhen peers build`: what the stored listings ask becomes the peer prices that workers compare with."""

from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from models.moments import now

group = typer.Typer(help="同类价格 / What other sellers ask for the same goods.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """同类价格 / What other sellers ask for the same goods."""


@group.command("build")
def build(
    context: typer.Context,
    days: Annotated[
        int, typer.Option(min=1, max=3660, help="只计最近多少天见过的商品 / seen within so many days")
    ] = 90,
) -> None:
    """由库存商品重建同类价格并发布新版本，每天运行一次即可；比对进程随后自动采用 / Build peer prices from the stored
    listings and publish them; once a day is enough, and workers take them up by themselves."""
    from streams.screening.market import publish_peers

    engine = session_of(context).engine
    engine.store.ping()
    peers = publish_peers(engine.store, engine.settings.organisation_id, at=now(), days=days)
    groups, voices = peers.sizes
    rows = [("同类组 / groups", groups), ("卖家报价 / sellers' voices", voices)]
    print_table("同类价格 / Peer prices", ("", "数量 / count"), rows, numbers=1)
    note(f"同类价格版本 / peer prices version: {peers.version}")
