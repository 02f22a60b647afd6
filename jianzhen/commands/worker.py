"""`jianzhen worker`: screens what the bus brings, until it is stopped or has nothing left to do."""

import signal
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, note_unread_words, print_table

if TYPE_CHECKING:
    from streams.screening import ScreeningWorker

INTERRUPTED = 130


def command(
    context: typer.Context,
    member: Annotated[
        str, typer.Option(help="本进程名称，组内唯一，默认按设置 / this worker's name, default from settings")
    ] = "",
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="处理完现有消息即结束 / end when every message is handled")
    ] = False,
    pictures_from: Annotated[
        Path | None, typer.Option(help="商品图片为文件时所在的文件夹 / folder of listings whose pictures are files")
    ] = None,
) -> None:
    """比对消息中的商品和寄递记录，结果入库；Ctrl-C 处理完手头一批后结束 / Screen what the bus brings and store the
    outcome; Ctrl-C ends it after the batch at hand."""
    from streams.screening import stop_on_signals

    engine = session_of(context).engine
    engine.store.ping()
    worker = engine.worker(member, pictures_from=pictures_from)
    stop_on_signals(worker)
    interrupted = _note_interrupts(worker)
    note_unread_words()
    note("开始处理 / working")
    with engine.watched(worker=True):
        tally = worker.run(until_idle=until_idle)
    rows = [
        ("已比对 / screened", tally.screened),
        ("疑似 / leads", tally.leads),
        ("死信 / dead letters", tally.dead_letters),
        ("读图片文字后再次比对 / screened again with the words of pictures", tally.looked),
        ("批次 / batches", tally.batches),
        ("重试 / retries", tally.retries),
    ]
    print_table("比对进程 / Worker", ("", "数量 / count"), rows, numbers=1)
    if interrupted.is_set():
        raise typer.Exit(INTERRUPTED)


def _note_interrupts(worker: "ScreeningWorker") -> Event:
    """Ctrl-C stops the worker as SIGTERM does, and is told apart at the end."""
    interrupted = Event()

    def stop(*_: object) -> None:
        interrupted.set()
        worker.stop()

    signal.signal(signal.SIGINT, stop)
    return interrupted
