"""`jianzhen user add`: an account that may sign in to the console, in an organisation, with roles."""

from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note
from models.errors import ConfigurationError
from models.moments import now
from models.organisations import USUAL_ROLE, Role
from models.ports import Store
from review_api.access.people import COMMAND, Office, add_person

group = typer.Typer(help="账号管理 / Accounts.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """账号管理 / Accounts."""


@group.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="登录名 / name to sign in with")],
    display_name: Annotated[str, typer.Option(help="显示名 / name shown to others")] = "",
    organisation: Annotated[str, typer.Option(help="所属机构，默认按设置 / organisation, default from settings")] = "",
    role: Annotated[
        list[Role] | None, typer.Option(help="角色，可多次给出，默认按机构类型 / role, repeatable, default by kind")
    ] = None,
    identity: Annotated[
        str, typer.Option(help="统一身份认证的主体标识 (sub)，不设密码 / subject at the OpenID provider, no password")
    ] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="从标准输入读取密码 / read the password from standard input")
    ] = False,
) -> None:
    """新增账号；不给密码时生成一个并只显示一次 / Add an account; without a password one is made and shown once."""
    session = session_of(context)
    given = typer.get_text_stream("stdin").readline().rstrip("\r\n") if password_stdin else ""
    organisation_id = organisation or session.settings.organisation_id
    named = identity_at(session.settings.review.oidc_issuer, identity)
    password = add_account(
        session.engine.store,
        name,
        organisation_id,
        given,
        display_name=display_name,
        roles=tuple(role or ()),
        identity=named,
    )
    note(f"已新增 / added: {name} ({organisation_id})")
    if password and not given:
        typer.echo(password)
        note("以上密码只显示这一次，请立即保存 / this password is shown this once, keep it now")


def identity_at(issuer: str, subject: str) -> str:
    """How the store names a person of the provider. Raises `ConfigurationError` without a provider."""
    if subject and not issuer:
        raise ConfigurationError(
            "没有设置统一身份认证 / no OpenID provider is set", where="review.oidc_issuer", mend="docs/settings.md"
        )
    return f"{issuer} {subject}" if subject else ""


def add_account(
    store: Store,
    name: str,
    organisation_id: str,
    password: str = "",
    *,
    display_name: str = "",
    roles: tuple[Role, ...] = (),
    identity: str = "",
) -> str:
    """Save a new account; returns its password, generated when none is given. Raises `ConflictError` for a name that
    is taken, `NotFoundError` for an organisation that is not there, `InputError` for a role that its kind has not."""
    organisation = store.organisations.get(organisation_id)
    office = Office(store, organisation, COMMAND, now())
    wanted = roles or (USUAL_ROLE[organisation.kind],)
    _, chosen = add_person(office, name, wanted, display_name=display_name, password=password, identity=identity)
    return chosen
