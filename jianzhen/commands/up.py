"""`jianzhen up`: everything on one machine in one go: store, first account, worker, relay and console."""

from threading import Event, Thread
from typing import Annotated, Protocol

import typer

from jianzhen.commands.organisation import add_organisation
from jianzhen.commands.prepare import prepare
from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note
from jianzhen.commands.user import add_account
from models.errors import JianzhenError
from models.organisations import Role

FIRST_ACCOUNT = "admin"
FIRST_ROLES = (Role.OFFICER, Role.ADMINISTRATOR)


def command(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="监听地址，默认按设置 / address, default from settings")] = "",
    port: Annotated[int, typer.Option(min=-1, max=65535, help="端口，默认按设置 / port, default from settings")] = -1,
) -> None:
    """一条命令启动：建库、首个账号、比对进程和控制台 / Store, first account, worker and console in one go."""
    from jianzhen.serving import Console

    session = session_of(context)
    engine = session.engine
    prepare(engine)
    if engine.store.accounts.by_name(FIRST_ACCOUNT) is None:
        organisation_id = session.settings.organisation_id
        if all(each.organisation_id != organisation_id for each in engine.store.organisations.all()):
            add_organisation(engine.store, organisation_id)
        password = add_account(engine.store, FIRST_ACCOUNT, organisation_id, roles=FIRST_ROLES)
        typer.echo(f"账号 / account: {FIRST_ACCOUNT}  密码 / password: {password}")
        note("密码只显示这一次，请立即保存 / the password is shown this once, keep it now")
    serve = session.settings.serve
    with (
        engine.watched(worker=True),
        Console(engine, host or serve.host, serve.port if port < 0 else port) as console,
        Background(engine.relay(), "relay") as relay,
        Background(engine.worker(), "worker") as worker,
    ):
        note(f"控制台 / console: {console.address}  (Ctrl-C 停止 / stops)")
        console.wait(until=worker.ended)
        worker.check()
        relay.check()


class Runs(Protocol):
    """What works until it is stopped."""

    def run(self) -> object: ...
    def stop(self) -> None: ...


class Background:
    """A worker or relay in a thread of this process; its `with` block stops it after the batch at hand."""

    def __init__(self, works: Runs, name: str) -> None:
        self.ended = Event()
        self._works = works
        self._fault: JianzhenError | None = None
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def check(self) -> None:
        """Raises what it ended with, if it did not end by being stopped."""
        if self._fault is not None:
            raise self._fault

    def __enter__(self) -> "Background":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._works.stop()
        self._thread.join(timeout=60)

    def _run(self) -> None:
        try:
            self._works.run()
        except JianzhenError as fault:
            self._fault = fault
        finally:
            self.ended.set()
