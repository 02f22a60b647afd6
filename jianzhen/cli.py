"""The command line: one table of commands, the root's options, and how errors become exit codes.

Owns the entry point. What a command does is in its module under `jianzhen.commands`; only the module of the command
that is asked for is imported, so that small commands start at once.
"""

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated

import typer

from jianzhen.commands.session import Session
from jianzhen.commands.terminal import note, show_error, show_unexpected, write_logs
from models.errors import JianzhenError

HELP = """鉴真：电商与寄递监测，产出疑似信息，由人判断。

Jianzhen screens listings and parcels against a rights-holder registry and hands officers explained leads."""

INTERRUPTED = 130
# Every exit code, with what it means; docs/commands.md repeats this table and a test compares the two.
EXIT_CODES: dict[int, tuple[str, str]] = {
    0: ("完成", "done"),
    1: ("其他错误", "any other error"),
    2: ("输入或用法有误", "bad input or usage"),
    3: ("配置有误", "configuration"),
    4: ("服务器不可用", "a server is away"),
    INTERRUPTED: ("已中断 (Ctrl-C)", "interrupted"),
}
EPILOG = "退出码 / exit codes: " + "; ".join(f"{code} {zh} / {en}" for code, (zh, en) in EXIT_CODES.items())

# name: module. A module gives `command`, or `group` with several of them; help lists them in this order.
COMMANDS: dict[str, str] = {
    "demo": "jianzhen.commands.demo",
    "up": "jianzhen.commands.up",
    "prepare": "jianzhen.commands.prepare",
    "registry": "jianzhen.commands.registry",
    "ingest": "jianzhen.commands.ingest",
    "crawl": "jianzhen.commands.crawl",
    "scan": "jianzhen.commands.scan",
    "lookup": "jianzhen.commands.lookup",
    "eval": "jianzhen.commands.evaluate",
    "spool": "jianzhen.commands.spool",
    "worker": "jianzhen.commands.worker",
    "relay": "jianzhen.commands.relay",
    "rescreen": "jianzhen.commands.rescreen",
    "dead-letters": "jianzhen.commands.dead_letters",
    "archive": "jianzhen.commands.archive",
    "peers": "jianzhen.commands.peers",
    "price": "jianzhen.commands.price",
    "pictures": "jianzhen.commands.pictures",
    "api": "jianzhen.commands.api",
    "carry": "jianzhen.commands.carry",
    "backup": "jianzhen.commands.backup",
    "restore": "jianzhen.commands.restore",
    "drill": "jianzhen.commands.drill",
    "tokenise": "jianzhen.commands.tokenise",
    "triage": "jianzhen.commands.triage",
    "queue": "jianzhen.commands.queue",
    "case-lead": "jianzhen.commands.case_lead",
    "organisation": "jianzhen.commands.organisation",
    "user": "jianzhen.commands.user",
    "key": "jianzhen.commands.key",
}


def build(names: Iterable[str] = tuple(COMMANDS)) -> typer.Typer:
    """The command line with these commands."""
    app = typer.Typer(
        name="jianzhen",
        help=HELP,
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(root)
    for name in names:
        module = import_module(COMMANDS[name])
        if hasattr(module, "group"):
            app.add_typer(module.group, name=name)
        else:
            app.command(name)(module.command)
    return app


def root(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="设置文件 (TOML)，默认 ./jianzhen.toml / settings file, default ./jianzhen.toml")
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="意外错误时显示详情 / show where unexpected errors arose")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=lambda asked: _version(asked), help="版本 / the version"),
    ] = False,
) -> None:
    """Options of every command."""
    session = Session(config=config)
    context.obj = session
    context.call_on_close(session.close)
    write_logs()
    if debug:
        sys.excepthook = sys.__excepthook__


def main() -> None:
    """The entry point: runs the command line and ends the process with one of `EXIT_CODES`."""
    sys.excepthook = show_unexpected
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    asked = asked_command(sys.argv[1:])
    try:
        typer.main.get_command(build((asked,) if asked else COMMANDS))(prog_name="jianzhen")
    except JianzhenError as error:
        show_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:  # while the command was still loading
        note("已中断 / interrupted")
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            note("已中断 / interrupted")
        raise


def asked_command(arguments: Sequence[str]) -> str:
    """The command that these arguments name; empty when they name none, for help and mistakes."""
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--config":
            next(waiting, None)
        elif not argument.startswith("-"):
            return argument if argument in COMMANDS else ""
    return ""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"jianzhen {metadata.version('jianzhen')}")
        raise typer.Exit
