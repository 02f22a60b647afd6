"""`jianzhen queue weigh`: the rates of the order by worth measured anew, and every lead put in its place by them."""

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from models.moments import now

group = typer.Typer(help="研判次序 / The order in which leads are worked.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """研判次序 / The order in which leads are worked."""


@group.command("weigh")
def weigh(context: typer.Context) -> None:
    """按已处置结果、辖区和专项行动重新计算每条信息的预期价值，每天运行一次即可 / Weigh every lead anew by what was
    decided, the regions and the running campaigns; once a day is enough, and officers work on meanwhile."""
    engine = session_of(context).engine
    engine.store.ping()
    rates, moved = engine.store.order.weigh(engine.settings.organisation_id, at=now())
    rows = [
        (each.kind, each.cell or "—", each.decided, f"{each.lift:.2f}", f"{each.minutes:.1f}") for each in rates.strands
    ]
    columns = ("对象 / kind", "法律判断格 / cell", "已处置 / decided", "系数 / lift", "分钟 / minutes")
    print_table("各类处置情况 / What leads came to", columns, rows, numbers=3)
    note(f"调整了 {moved} 条的次序 / {moved} leads moved")
