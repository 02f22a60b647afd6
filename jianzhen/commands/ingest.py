"""`jianzhen ingest`: files of listings and parcels go onto the bus, row by row, and may be interrupted."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.session import Session, session_of
from jianzhen.commands.terminal import Ticker, note, print_table, show_entries, show_rejects
from jianzhen.whole_files import fresh_rejects, json_line, keep_inputs, replacing
from models.errors import FileRejected, InputError
from models.formats import listing_line
from models.subjects import Listing

if TYPE_CHECKING:
    from crawlers import Source
    from crawlers.feeds import FeedReport

group = typer.Typer(help="导入 / Files onto the bus.", no_args_is_help=True)

RejectsFolder = Annotated[
    Path | None,
    typer.Option("--rejects", help="拒收文件的文件夹，默认 data_dir/rejects / folder of rejects files"),
]


@group.callback()
def about() -> None:
    """导入 / Files onto the bus."""


@group.command("listings")
def listings(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="商品文件 .jsonl 或 .csv，或文件夹 / files or folders"),
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="来源定义，可含列映射 / a source's description, with its column map")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="转写为 listings.jsonl，不进入队列 / write a file instead of the bus")
    ] = None,
    rejects: RejectsFolder = None,
) -> None:
    """导入商品信息；中断后重新运行即从断点继续 / Listings onto the bus; run it again after an interruption and it
    goes on where it stopped."""
    session = session_of(context)
    wanted = _wanted(files or [], source)
    folder = rejects or session.settings.data_dir / "rejects"
    report = _to_file(session, wanted, out, folder) if out else _to_bus(session, wanted, folder)
    rows = [
        ("已接收 / accepted", report.accepted),
        ("拒收 / rejected", report.rejected),
        ("提示 / remarks", report.notices),
        ("断点续传的文件 / files resumed", report.resumed),
        ("此前已完成的文件 / files done before", report.unchanged),
    ]
    print_table("导入商品 / Listings ingested", ("", "数量 / count"), rows, numbers=1)
    show_entries(report.samples)
    for path in report.rejects:
        note(f"拒收与提示 / rejects and remarks: {path}")
    for failure in report.failures:
        note(f"未导入的文件 / not imported: {failure}")
    report.check()
    if report.failures:
        raise FileRejected(f"未导入的文件 {len(report.failures)} 个 / files not imported: {len(report.failures)}")


@group.command("parcels")
def parcels(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="去标识化的 parcels.jsonl 或 .csv / tokenised parcels")],
    rejects: RejectsFolder = None,
) -> None:
    """导入邮件快件记录；中断后重新运行即可，重复的不再计 / Parcels onto the bus; run it again after an interruption,
    a row taken twice counts once."""
    from jianzhen.ingesting import publish_parcels

    session = session_of(context)
    folder = rejects or session.settings.data_dir / "rejects"
    with fresh_rejects(folder / f"{file.name}.rejects.jsonl") as told, Ticker("导入 / ingesting") as ticker:
        organisation_id = session.settings.organisation_id
        bus = session.engine.publisher
        count = publish_parcels(bus, file, told, organisation_id=organisation_id, progress=ticker.tick)
    rows = [("已接收 / accepted", count), ("拒收 / rejected", told.rejected)]
    print_table("导入寄递记录 / Parcels ingested", ("", "数量 / count"), rows, numbers=1)
    show_rejects(told)


def _wanted(files: Sequence[Path], source: Path | None) -> "Source | Sequence[Path]":
    """A source as described, with the files named in place of its own; or the files alone."""
    from crawlers import read_source

    if source is None and not files:
        raise InputError("给出文件或 --source / name files or --source", where="jianzhen ingest listings")
    if source is None:
        return files
    described = read_source(source)
    return described.model_copy(update={"files": tuple(map(str, files))}) if files else described


def _to_bus(session: Session, wanted: "Source | Sequence[Path]", rejects: Path) -> "FeedReport":
    from crawlers.feeds import FeedProgress, import_feed
    from streams.bus.topics import LISTINGS

    bus = session.engine.publisher
    with Ticker("导入 / ingesting", bytes_of=True) as ticker:

        def show(progress: FeedProgress) -> None:
            ticker.move(progress.offset, progress.size)

        return import_feed(
            wanted,
            lambda some: bus.publish(LISTINGS, some),
            cursors=session.settings.data_dir / "cursors",
            rejects=rejects,
            organisation_id=session.settings.organisation_id,
            progress=show,
        )


def _to_file(session: Session, wanted: "Source | Sequence[Path]", out: Path, rejects: Path) -> "FeedReport":
    """A conversion has no bus that remembers, so it begins anew each time."""
    from tempfile import TemporaryDirectory

    from crawlers.feeds import import_feed

    keep_inputs(wanted if isinstance(wanted, Sequence) else map(Path, wanted.files), out)
    with TemporaryDirectory(prefix="jianzhen-") as cursors, replacing(out) as file:

        def write(some: Sequence[Listing]) -> None:
            file.writelines(json_line(listing_line(listing)) for listing in some)

        organisation_id = session.settings.organisation_id
        return import_feed(wanted, write, cursors=Path(cursors), rejects=rejects, organisation_id=organisation_id)
