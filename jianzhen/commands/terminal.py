"""What people see on the terminal: two consoles, a progress bar, tables, and the one line an error becomes.

Results go to standard output, everything else (progress, notes, errors) to standard error.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

import structlog
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from models.errors import JianzhenError
from models.formats import Rejects

PLAIN_WIDTH = 160
SHOWN_ENTRIES = 5


def out() -> Console:
    """Standard output. A pipe gets lines wide enough not to break tables."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False, soft_wrap=False)


def err() -> Console:
    """Standard error."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else PLAIN_WIDTH, highlight=False)


def note(text: str) -> None:
    """One line for people that is not the result."""
    err().print(escape(text), soft_wrap=True)


def note_unread_words() -> None:
    """Say it once where words and codes in pictures will not be read."""
    from streams.pictures.words import installed

    if not installed():
        note(
            "未安装扩展 ocr，图片中的文字和二维码不读取（pip install 'jianzhen[ocr]'）/ "
            "words and codes in pictures are not read: the extra ocr is not installed"
        )


def show_error(error: JianzhenError) -> None:
    """The one line an error becomes."""
    err().print(f"[bold red]错误 / error[/]: {escape(_one_line(str(error)))}", soft_wrap=True)


def show_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The hook for what nobody caught: one line, no traceback. `jianzhen --debug` leaves Python's own hook in place."""
    told = _one_line(str(error)) or kind.__name__
    err().print(
        f"[bold red]意外错误 / unexpected error[/]: {escape(kind.__name__)}: {escape(told)} "
        "(加 --debug 查看详情 / --debug shows where)",
        soft_wrap=True,
    )


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: int = 0) -> None:
    """A table on standard output; its last `numbers` columns are set to the right."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place >= len(columns) - numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    out().print(table)


class Ticker:
    """A progress bar on standard error that counts what is done; silent where that is not a terminal."""

    def __init__(self, label: str, *, bytes_of: bool = False) -> None:
        count = DownloadColumn() if bytes_of else MofNCompleteColumn()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), count, TimeElapsedColumn())
        self._bar = Progress(*columns, console=err(), transient=True, disable=not sys.stderr.isatty())
        self._task = self._bar.add_task(label, total=None)

    def tick(self, count: int = 1) -> None:
        """So much more is done."""
        self._bar.advance(self._task, count)

    def move(self, done: int, total: int) -> None:
        """So much of so much is done."""
        self._bar.update(self._task, completed=done, total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


def show_rejects(rejects: Rejects) -> None:
    """Say on standard error what was refused or remarked, by its first few entries, and where the rest is written."""
    show_entries(rejects.samples)
    if rejects.counts and rejects.path:
        told = f"拒收 / rejected {rejects.rejected}, 提示 / remarks {rejects.notices}"
        note(f"{told}: {rejects.path}")


def show_entries(entries: Sequence[Mapping[str, object]]) -> None:
    """The first few entries of a rejects file, one line each, with their place."""
    for entry in entries[:SHOWN_ENTRIES]:
        place = f"{entry['file']}:{entry['line']}" if entry["line"] else str(entry["file"])
        note(f"{place}: {entry['reason']} / {entry['reason_en']}")


def write_logs(level: str = "info") -> None:
    """Send log lines of `level` and above to standard error: coloured for people, JSON where that is not a terminal.
    A terminal is for people: lines of level info are left out there. The stream is looked up for every line, so that an
    embedding program may replace it."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("warning" if terminal and level == "info" else level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
