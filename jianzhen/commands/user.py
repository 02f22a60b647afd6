"""`jianzhen user add`: an account that may sign in to the console."""

import secrets
from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note
from models.errors import ConflictError
from models.ports import Store
from review_api.accounts import new_account

PASSWORD_BYTES = 12

group = typer.Typer(help="账号管理 / Accounts.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """账号管理 / Accounts."""


@group.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="登录名 / name to sign in with")],
    display_name: Annotated[str, typer.Option(help="显示名 / name shown to others")] = "",
    organisation: Annotated[str, typer.Option(help="所属单位，默认按设置 / organisation, default from settings")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="从标准输入读取密码 / read the password from standard input")
    ] = False,
) -> None:
    """新增账号；不给密码时生成一个并只显示一次 / Add an account; without a password one is made and shown once."""
    session = session_of(context)
    given = typer.get_text_stream("stdin").readline().rstrip("\r\n") if password_stdin else ""
    organisation_id = organisation or session.settings.organisation_id
    password = add_account(session.engine.store, name, organisation_id, given, display_name=display_name)
    note(f"已新增 / added: {name} ({organisation_id})")
    if not given:
        typer.echo(password)
        note("以上密码只显示这一次，请立即保存 / this password is shown this once, keep it now")


def add_account(store: Store, name: str, organisation_id: str, password: str = "", *, display_name: str = "") -> str:
    """Save a new account; returns its password, generated when none is given. Raises `ConflictError` for a name that
    is taken."""
    if store.accounts.by_name(name) is not None:
        raise ConflictError("这个登录名已存在 / this name is taken", where=name)
    chosen = password or secrets.token_urlsafe(PASSWORD_BYTES)
    store.accounts.save(new_account(name, chosen, organisation_id=organisation_id, display_name=display_name))
    return chosen
