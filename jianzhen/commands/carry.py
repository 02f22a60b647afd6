"""`jianzhen carry`: topics over a one-way gap between two networks, as signed, numbered batch files."""

import getpass
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from models.errors import ConflictError, InputError
from models.moments import now

if TYPE_CHECKING:
    from streams.carrying import Outgoing, Sweep
    from streams.carrying.ledger import Ledger
    from streams.carrying.settings import CarrySettings
    from streams.retrying import Patience

group = typer.Typer(help="两网之间搬运主题 / Carry topics over a one-way gap.", no_args_is_help=True)

Topics = Annotated[list[str], typer.Argument(help="主题，如 listings / topics, e.g. listings")]
TopicName = Annotated[str, typer.Argument(help="主题 / topic")]
To = Annotated[Path, typer.Option("--to", help="交给单向传输的文件夹 / folder that is carried over the gap")]
Once = Annotated[bool, typer.Option("--once", help="搬完现有的即结束 / end when what is there was carried")]


@group.callback()
def about() -> None:
    """两网之间搬运主题：带签名、编号的批次文件 / Carry topics over a one-way gap, as signed, numbered batch files."""


@group.command("key")
def key(
    private: Annotated[Path, typer.Argument(help="私钥文件，公钥写在旁边的 .pub / the private key's file")],
) -> None:
    """生成签名密钥对；公钥交给接收方，命名为 站点名.pub / Make a key pair; the receiving side trusts the public key as
    SITE.pub."""
    from streams.carrying.signing import make_key

    public = make_key(private)
    note(f"私钥 / private key: {private}")
    note(f"公钥 / public key: {public}")


@group.command("out")
def out(context: typer.Context, topics: Topics, to: To, once: Once = False) -> None:
    """把主题写成批次文件；写妥后才确认，Ctrl-C 处理完手头一批后结束 / Write topics as batch files; a batch is durable
    before it is acknowledged."""
    from streams.carrying import Outgoing
    from streams.carrying.signing import load_private
    from streams.retrying import Stopped

    session = session_of(context)
    settings = session.settings.carry
    private, names = load_private(settings.private_key), known_topics(topics)
    patience = _stopping()
    with ExitStack() as opened:
        try:
            carriers = [
                opened.enter_context(Outgoing(session.engine.bus, name, to, private, settings, patience=patience))
                for name in names
            ]
            _carry_out(carriers, patience, settings, once=once)
        except Stopped:
            carriers = []
    rows = [(name, each.batches, each.messages) for name, each in zip(names, carriers, strict=False)]
    print_table("搬出 / Carried out", ("主题 / topic", "批次 / batches", "消息 / messages"), rows, numbers=2)


@group.command("in")
def take_in(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="批次文件到达的文件夹 / folder where batch files arrive")
    ],
    once: Annotated[bool, typer.Option("--once", help="看一遍即结束 / look once and end")] = False,
) -> None:
    """核验批次文件并发布到内网；缺批即停该流，到齐后继续 / Prove batch files and publish them inside; a missing
    batch stops its stream until it arrives."""
    from streams.carrying import Incoming
    from streams.carrying.places import alone
    from streams.carrying.signing import load_trusted
    from streams.retrying import Stopped

    session = session_of(context)
    settings = session.settings.carry
    ledger, accepted = _ledger(settings), frozenset(known_topics(settings.accepted_topics))
    patience = _stopping()
    with alone(ledger.folder):
        trusted = partial(load_trusted, settings.trusted_keys)
        incoming = Incoming(session.engine.bus, folder, ledger, trusted, accepted, settings)
        if once:
            seen = incoming.sweep()
            _tell(seen)
            _check(seen)
        while not once and not patience.stopped:
            try:
                patience.insist(incoming.sweep)
            except Stopped:
                return
            patience.pause(settings.pause_s)


@group.command("again")
def again(
    context: typer.Context, topic: TopicName, sequence: Annotated[int, typer.Argument(help="批号 / number")], to: To
) -> None:
    """再次交出一个保留的批次，接收方说缺它 / Hand a kept batch over once more: the receiving side misses it."""
    from streams.carrying.outgoing import hand_over_again

    header = hand_over_again(session_of(context).settings.carry, known_topics([topic])[0], sequence, to)
    note(f"已再次交出 / handed over again: {to / header.name}")


@group.command("lost")
def lost(
    context: typer.Context,
    site: Annotated[str, typer.Argument(help="站点 / site")],
    topic: TopicName,
    sequence: Annotated[int, typer.Argument(help="正在等待的批号 / the number that is waited for")],
    reason: Annotated[str, typer.Option(help="原因，记录在案 / why, kept on record")],
    by: Annotated[str, typer.Option(help="声明人，默认当前系统用户 / who says so, default the system's user")] = "",
) -> None:
    """声明一批已丢失并记录，该流从下一批继续 / Declare a batch lost, on record; its stream goes on with the next."""
    from streams.carrying.places import alone

    ledger = _ledger(session_of(context).settings.carry)
    if not reason.strip():
        raise InputError("原因不能为空 / a reason is needed", where="--reason")
    with alone(ledger.folder):
        name = known_topics([topic])[0]
        stream = ledger.give_up(site, name, sequence, by=by or getpass.getuser(), reason=reason, at=now())
    note(f"已记录；等待第 {stream.expected} 批 / recorded; batch {stream.expected} is expected next")


@group.command("status")
def status(context: typer.Context) -> None:
    """各流已接收到哪一批 / How far each stream was taken in."""
    streams = _ledger(session_of(context).settings.carry).streams()
    rows = [
        (
            each.site,
            each.topic,
            each.sequence,
            each.messages,
            f"{each.taken_at:%Y-%m-%d %H:%M:%S}" if each.taken_at else "-",
            ", ".join(str(gone.sequence) for gone in each.lost) or "-",
        )
        for each in streams
    ]
    columns = (
        "站点 / site",
        "主题 / topic",
        "批号 / batch",
        "消息 / messages",
        "时间 UTC / taken",
        "声明丢失 / declared lost",
    )
    print_table("接收情况 / Taken in", columns, rows)


def known_topics(names: Sequence[str]) -> tuple[str, ...]:
    """The topics' full names, given in full or without the part before the first dot. Raises `InputError`."""
    from streams.bus.topics import TOPICS

    by_name = {topic.name.partition(".")[2]: topic.name for topic in TOPICS} | {each.name: each.name for each in TOPICS}
    for name in names:
        if name not in by_name:
            raise InputError(
                f"没有主题 {name} / there is no topic {name}",
                where="carry",
                mend=f"可用 / there are: {', '.join(sorted(by_name))}",
            )
    return tuple(by_name[name] for name in names)


def _ledger(settings: "CarrySettings") -> "Ledger":
    from streams.carrying.ledger import Ledger

    return Ledger(Path(settings.folder) / "received")


def _stopping() -> "Patience":
    """Patience that SIGTERM and Ctrl-C end after the batch at hand."""
    from streams.retrying import Patience

    patience = Patience()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: patience.stop())
    return patience


def _carry_out(carriers: "Sequence[Outgoing]", patience: "Patience", settings: "CarrySettings", *, once: bool) -> None:
    while not patience.stopped:
        counts = [carrier.round(timeout_s=1.0) for carrier in carriers]
        if once and not any(counts) and all(carrier.drained() for carrier in carriers):
            return
        if not once and max(counts, default=0) < settings.batch_messages:
            patience.pause(settings.pause_s)


def _tell(seen: "Sweep") -> None:
    if seen.batches or seen.repeats:
        note(
            f"接收 / taken in: {seen.batches} 批 / batches, {seen.messages} 条消息 / messages; "
            f"重复跳过 / repeats skipped: {len(seen.repeats)}"
        )
    for _, why in seen.refused:
        note(f"拒收 / refused: {why}")
    for name in seen.arriving:
        note(f"尚未到齐 / still arriving: {name}")
    for site, topic, first, last in seen.gaps:
        note(f"缺批 / missing: {site} {topic} {first}–{last}")


def _check(seen: "Sweep") -> None:
    """One look ends with a code that a scheduler notices when something is missing or was refused."""
    if seen.gaps:
        site, topic, first, last = seen.gaps[0]
        raise ConflictError(
            f"缺第 {first}–{last} 批 / batches {first} to {last} are missing",
            where=f"{site} {topic}",
            mend="发送方 jianzhen carry again，或此处 jianzhen carry lost / have them sent again, or declare them lost",
        )
    if seen.refused:
        raise InputError(f"拒收 {len(seen.refused)} 个文件 / {len(seen.refused)} files were refused", where="carry in")
