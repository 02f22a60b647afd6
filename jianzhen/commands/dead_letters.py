"""`jianzhen dead-letters`: messages that could not be processed, listed, shown and replayed."""

from dataclasses import replace as changed
from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, out, print_table
from models.audit import Act, AuditEntry
from models.dead_letters import STANDING, LetterPlace, LetterQuery, LetterState
from models.errors import InputError
from models.moments import now

ACTOR = "command"
PAGE = 500
Topic = Annotated[str, typer.Option(help="只看这个主题，如 listings / only of this topic")]
Reason = Annotated[str, typer.Option(help="原因中含有的文字 / words that the reason contains")]
Letter = Annotated[str, typer.Argument(help="主题:分区:位点 / topic:partition:offset")]

group = typer.Typer(help="死信 / Messages that could not be processed.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """死信 / Messages that could not be processed."""


@group.command("list")
def show_all(
    context: typer.Context,
    topic: Topic = "",
    reason: Reason = "",
    everything: Annotated[
        bool, typer.Option("--all", help="包括已解决和已再次失败的 / settled and replaced ones too")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="最多几条 / at most so many")] = 50,
) -> None:
    """列出死信，新的在前，并按原因汇总 / List them, newest first, and count them by reason."""
    session = session_of(context)
    letters, mine = session.engine.store.dead_letters, session.settings.organisation_id
    states = tuple(LetterState) if everything else STANDING
    page = letters.find(mine, LetterQuery(topic=wire_name(topic), reason=reason, states=states, limit=limit))
    rows = [
        (str(each.place), each.state.value, each.attempts, f"{each.last_seen:%Y-%m-%d %H:%M}", each.reason)
        for each in page.letters
    ]
    columns = ("位置 / place", "状态 / state", "次数 / attempts", "最近 / last", "原因 / reason")
    print_table(f"死信 / Dead letters ({len(rows)}/{page.total})", columns, rows)
    counts = [(each.topic, each.reason, each.count) for each in letters.reasons(mine)]
    if counts:
        print_table("按原因 / By reason", ("主题 / topic", "原因 / reason", "数量 / count"), counts, numbers=1)


@group.command("show")
def show_one(
    context: typer.Context,
    letter: Letter,
    payload: Annotated[
        bool, typer.Option("--payload", help="显示内容，可能含个人信息 / its bytes, which may hold personal data")
    ] = False,
) -> None:
    """一条死信的全部信息；内容须另行要求 / All about one letter; its bytes when asked for."""
    session = session_of(context)
    found = session.engine.store.dead_letters.get(session.settings.organisation_id, place_of(letter))
    rows = [(name, value) for name, value in found.model_dump(mode="json", exclude={"payload"}).items() if value != ""]
    print_table(f"死信 / Dead letter {letter}", ("", ""), rows)
    if payload:
        out().print(found.payload, markup=False, highlight=False, soft_wrap=True)


@group.command("replay")
def replay(
    context: typer.Context,
    letters: Annotated[
        list[str] | None, typer.Argument(help="主题:分区:位点，可多条 / topic:partition:offset, one or more")
    ] = None,
    topic: Topic = "",
    reason: Reason = "",
) -> None:
    """原样重放：单条，或按原因、主题成批；由运行中的 jianzhen relay 发出 / Publish their bytes again, singly or by
    reason and topic; a running `jianzhen relay` sends them."""
    session = session_of(context)
    store, mine, at = session.engine.store, session.settings.organisation_id, now()
    if bool(letters) == bool(topic or reason):
        raise InputError(
            "请指明死信，或用 --reason、--topic 选择 / name letters, or choose by --reason or --topic", where="replay"
        )
    done = overtaken = 0
    if letters:
        told = store.dead_letters.replay(mine, [place_of(each) for each in letters], by=ACTOR, at=at)
        done, overtaken = len(told.replayed), len(told.overtaken)
    else:
        query = LetterQuery(topic=wire_name(topic), reason=reason, states=(LetterState.OPEN,), limit=PAGE)
        while True:
            page = store.dead_letters.find(mine, query)
            if not page.letters:
                break
            told = store.dead_letters.replay(mine, [each.place for each in page.letters], by=ACTOR, at=at)
            done, overtaken = done + len(told.replayed), overtaken + len(told.overtaken)
            if not page.next_cursor:
                break
            query = changed(query, after=page.next_cursor)
    details = {"letters": str(done), "topic": topic, "reason": reason}
    store.audit.append(
        AuditEntry(
            organisation_id=mine, at=at, actor=ACTOR, act=Act.LETTERS_REPLAYED, about=" ".join(letters or [])[:200],
            details={name: value for name, value in details.items() if value},
        )
    )  # fmt: skip
    note(f"已重放 / replayed: {done}")
    if done:
        note("由运行中的 jianzhen relay 发出 / a running jianzhen relay sends them")
    if overtaken:
        note(f"未重放，其对象已有更新的比对结果 / left alone, their subjects were screened since: {overtaken}")


def wire_name(topic: str) -> str:
    """A topic's name on the wire, given that or its short name."""
    from models.events import WIRE

    return topic if not topic or topic.startswith(WIRE) else WIRE + topic


def place_of(text: str) -> LetterPlace:
    """`topic:partition:offset`, the topic by its short name too. Raises `InputError`."""
    return LetterPlace.read(wire_name(text))
