"""`jianzhen archive`: subjects that led to nothing moved out of the hot tables, shown, restored, proved, held back."""

import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.session import Session, session_of
from jianzhen.commands.terminal import Ticker, note, out, print_table
from models.archiving import Hold
from models.audit import Act, AuditEntry
from models.errors import InputError, JianzhenError
from models.identity import SubjectKey
from models.moments import now

if TYPE_CHECKING:
    from jianzhen.archiving import Archiver

ACTOR = "command"
INTERRUPTED = 130
KINDS = ("listing", "parcel")
Platform = Annotated[str, typer.Argument(help="平台或承运人 / platform, or carrier")]
NativeId = Annotated[str, typer.Argument(help="其编号 / its id there")]
Kind = Annotated[str, typer.Option(help="listing 或 parcel / listing or parcel")]

group = typer.Typer(help="归档 / The archive of subjects that led to nothing.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """归档 / The archive of subjects that led to nothing."""


@group.command("run")
def run(
    context: typer.Context,
    days: Annotated[
        int | None,
        typer.Option(min=1, help="最近一次比对早于几天，默认 archive.after_days / last screened so many days ago"),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="只归档 listing 或 parcel，默认全部 / only these subjects, default all")
    ] = "",
    rate: Annotated[
        float, typer.Option(min=0, help="每秒最多几件，0 为不限 / at most so many a second, 0: as fast as it goes")
    ] = 500.0,
    batch: Annotated[int, typer.Option(min=1, max=5000, help="每批几件 / subjects in one file")] = 500,
) -> None:
    """把早已比对、没有形成疑似信息的对象移入归档；可随时中断，再次运行即接续 / Move subjects that were screened long
    ago and led to nothing into the archive; stop it at any time and run it again."""
    if kind and kind not in KINDS:
        raise InputError(f"没有这种对象 / no such kind: {kind}", where="--kind", mend="listing, parcel")
    session = session_of(context)
    session.engine.store.ping()
    archiver, stopped = _archiver(session), list[int]()

    def stop(number: int, _: object) -> None:
        stopped.append(number)
        archiver.stop()

    handlers = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    after = timedelta(days=days if days is not None else session.settings.archive.after_days)
    with Ticker("归档 / archiving") as bar:
        moved = archiver.run(
            before=now() - after, kind=kind, batch=batch, per_second=rate, told=lambda done: bar.move(done, done)
        )
    for number, handler in handlers.items():
        signal.signal(number, handler)
    if moved:
        _write_down(session, "run", subjects=str(moved))
    note(f"已归档 / archived: {moved}")
    if stopped:
        note("未完成，再次运行即接续 / not finished, run it again to go on")
    if signal.SIGINT in stopped:
        raise typer.Exit(INTERRUPTED)


@group.command("status")
def status(context: typer.Context) -> None:
    """在库、已归档、归档后又出现、保全的对象各有多少 / How many subjects are stored, archived, seen again, and held."""
    session = session_of(context)
    archive, mine = session.engine.store.archive, session.settings.organisation_id
    counts = archive.counts(mine)
    rows = [
        ("在库 / stored", counts["hot"]),
        ("已归档 / archived", counts["archived"]),
        ("归档后又出现 / archived and seen again", counts["returned"]),
        ("归档文件 / files", len(archive.files(mine))),
    ]
    print_table("归档 / Archive", ("", "数量 / count"), rows, numbers=1)
    held = [(each.platform, each.native_id, each.reason, f"{each.held_at:%Y-%m-%d}") for each in archive.holds(mine)]
    if held:
        columns = ("平台 / platform", "编号 / id", "理由 / reason", "日期 / since")
        print_table("保全 / Held", columns, held)


@group.command("show")
def show(context: typer.Context, platform: Platform, native_id: NativeId) -> None:
    """读出归档中的一个对象，逐个文件核对哈希 / Print what the archive holds of a subject, proved by its hash."""
    for entry, subject in _archiver(session_of(context)).find(platform, native_id):
        note(f"{entry.file_sha256} {entry.archived_at:%Y-%m-%d %H:%M}")
        out().print(subject.model_dump_json(indent=1), markup=False, highlight=False, soft_wrap=True)


@group.command("restore")
def restore(context: typer.Context, platform: Platform, native_id: NativeId) -> None:
    """把归档中的一个对象放回库中；其间出现的新状态不变 / Put an archived subject back; a newer state stays newest."""
    session = session_of(context)
    count = _archiver(session).restore(platform, native_id)
    _write_down(session, "restore", subject=f"{platform} {native_id}")
    note(f"已放回 / restored: {count}")


@group.command("verify")
def verify(context: typer.Context) -> None:
    """逐个读出归档文件，核对哈希与条目 / Read every file of the archive and compare it with its entries."""
    sound, entries, faults = _archiver(session_of(context)).verify()
    for fault in faults:
        note(fault)
    note(f"完好 / sound: {sound} 个文件 / files, {entries} 个对象 / subjects")
    if faults:
        raise JianzhenError(
            f"{len(faults)} 个文件已损坏 / files are damaged", where="archive", mend="从备份恢复 / restore them"
        )


@group.command("hold")
def hold(
    context: typer.Context,
    platform: Platform,
    native_id: NativeId,
    reason: Annotated[str, typer.Option(help="为何保全 / why it must stay")],
    kind: Kind = "listing",
) -> None:
    """保全一个对象：不归档 / Keep a subject from the archive."""
    session = session_of(context)
    if not reason.strip():
        raise InputError("请写明理由 / say why", where="--reason")
    key = _key(session, kind, platform, native_id)
    session.engine.store.archive.hold(
        Hold(
            organisation_id=key.organisation_id, subject_token=key.token, platform=platform, native_id=native_id,
            reason=reason.strip(), held_by=ACTOR, held_at=now(),
        )
    )  # fmt: skip
    _write_down(session, "hold", subject=f"{platform} {native_id}", reason=reason.strip())
    note("已保全 / held")


@group.command("release")
def release(context: typer.Context, platform: Platform, native_id: NativeId, kind: Kind = "listing") -> None:
    """解除保全 / Hold a subject no longer."""
    session = session_of(context)
    key = _key(session, kind, platform, native_id)
    session.engine.store.archive.release(key.organisation_id, key.token)
    _write_down(session, "release", subject=f"{platform} {native_id}")
    note("已解除 / released")


def _archiver(session: Session) -> "Archiver":
    from jianzhen.archiving import Archiver

    return Archiver(session.engine.store, session.engine.objects, session.settings.organisation_id)


def _key(session: Session, kind: str, platform: str, native_id: str) -> SubjectKey:
    if kind not in KINDS:
        raise InputError(f"没有这种对象 / no such kind: {kind}", where="--kind", mend="listing, parcel")
    return SubjectKey(session.settings.organisation_id, kind, platform, native_id)


def _write_down(session: Session, done: str, **details: str) -> None:
    session.engine.store.audit.append(
        AuditEntry(
            organisation_id=session.settings.organisation_id,
            at=now(),
            actor=ACTOR,
            act=Act.ARCHIVE_CHANGED,
            about=details.get("subject", ""),
            details={"done": done, **details},
        )
    )
