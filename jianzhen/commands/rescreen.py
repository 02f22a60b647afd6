"""`jianzhen rescreen`: stored subjects screened again under the newest registry and rules, at a bounded pace."""

import signal
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import Ticker, note, print_table
from models.errors import InputError

if TYPE_CHECKING:
    from models.rescreenings import Rescreening

INTERRUPTED = 130
KINDS = ("", "listing", "parcel")


def command(
    context: typer.Context,
    kind: Annotated[
        str, typer.Option(help="只比对 listing 或 parcel，默认全部 / only these subjects, default all")
    ] = "",
    rate: Annotated[
        float, typer.Option(min=0, help="每秒最多几件，0 为不限 / at most so many a second, 0: as fast as it goes")
    ] = 50.0,
    batch: Annotated[int, typer.Option(min=1, max=2000, help="每批几件 / subjects in one transaction")] = 100,
    anew: Annotated[
        bool, typer.Option("--anew", help="从头开始，不接续未完成的一次 / begin anew, leave an unfinished run")
    ] = False,
) -> None:
    """按最新权利库和规则重新比对已入库的对象；中断后再次运行即接续，人的处置不变 / Screen what is stored again under
    the newest registry and rules; run it again after an interruption and it goes on; decisions stay."""
    from streams.screening.rescreening import Pace

    if kind not in KINDS:
        raise InputError(f"没有这种对象 / no such kind: {kind}", where="--kind", mend="listing, parcel")
    session = session_of(context)
    engine = session.engine
    engine.store.ping()
    rescreener = engine.rescreener()
    run = rescreener.begin(session.settings.organisation_id, kind=kind, anew=anew)
    if run.done:
        note(f"接续 {run.started_at:%Y-%m-%d %H:%M} 的一次，已完成 {run.done}/{run.total} / taken up again")
    stopped: list[int] = []

    def stop(number: int, _: object) -> None:
        stopped.append(number)
        rescreener.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with Ticker("重新比对 / screening again") as bar:
        run = rescreener.run(run, Pace(batch, rate), told=lambda each: bar.move(each.done, each.total))
    _show(run)
    newest = engine.contexts.current(run.organisation_id).version
    if run.finished_at is None:
        note("未完成，再次运行即接续 / not finished, run it again to go on")
    elif newest != run.context_version:
        note("其间权利库或行情有变，再运行一次可全部更新 / the context changed meanwhile: run it again for the rest")
    if signal.SIGINT in stopped:
        raise typer.Exit(INTERRUPTED)


def _show(run: "Rescreening") -> None:
    rows = [
        ("已过 / passed", f"{run.done}/{run.total}"),
        ("已重新比对 / screened again", run.screened),
        ("已是最新 / up to date already", run.same),
        ("其间有更新的状态 / newer state meanwhile", run.moved),
        ("无法比对，原结果不变 / failed, earlier result stands", run.failed),
        ("成为疑似或分数上升 / raised", run.raised),
        ("不再疑似或分数下降 / lowered", run.lowered),
    ]
    title = f"重新比对 / Re-screening (权利库 {run.registry_version[:12]}, 规则 {run.rules_version[:12]})"
    print_table(title, ("", "数量 / count"), rows, numbers=1)
