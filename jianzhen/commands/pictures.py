"""`jianzhen pictures common`: which pictures very many shops show for all kinds of goods."""

from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from models.moments import now

group = typer.Typer(help="图片 / What is known of pictures.", no_args_is_help=True)
SHOWN = 10


@group.callback()
def about() -> None:
    """图片 / What is known of pictures."""


@group.command("common")
def common(
    context: typer.Context,
    days: Annotated[
        int, typer.Option(min=1, max=3660, help="只计最近多少天见过的商品 / seen within so many days")
    ] = 90,
) -> None:
    """由库存商品学习通用图片名单（模板、尺码表等）并发布新版本；比对进程随后自动采用 / Learn from the stored listings
    which pictures very many shops show for all kinds of goods, and publish the list; workers take it up."""
    from streams.screening.common_pictures import publish_common

    engine = session_of(context).engine
    engine.store.ping()
    found = publish_common(engine.store, engine.settings.organisation_id, at=now(), days=days)
    most = sorted(found.uses.items(), key=lambda item: (-item[1].shops, item[0]))[:SHOWN]
    rows = [(code[:16], uses.shops, uses.kinds) for code, uses in most]
    print_table("通用图片 / Common pictures", ("PDQ", "店铺 / shops", "商品种类 / kinds"), rows, numbers=2)
    note(f"通用图片 / common pictures: {len(found.uses)}; 版本 / version: {found.version}")
