"""`jianzhen key`: machine keys, for other systems that call the API."""

from typing import Annotated

import typer

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from models.moments import now
from models.organisations import Scope
from review_api.access.keys import LONGEST_DAYS
from review_api.access.people import COMMAND, Office, add_key, revoke_key

group = typer.Typer(help="接口密钥 / Machine keys.", no_args_is_help=True)

Whose = Annotated[str, typer.Option(help="所属机构，默认按设置 / organisation, default from settings")]


@group.callback()
def about() -> None:
    """接口密钥 / Machine keys."""


@group.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="用途 / what it is for")],
    scope: Annotated[list[Scope], typer.Option(help="范围，可多次给出 / scope, repeatable")],
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="有效天数 / days it lives")] = 90,
    organisation: Whose = "",
) -> None:
    """新增密钥，只显示一次 / Make a key; its secret is shown once."""
    key, secret = add_key(_office(context, organisation), name, tuple(scope), days=days)
    note(f"已新增 / made: {key.key_id} ({', '.join(key.scopes)}), {key.expires_at:%Y-%m-%d}")
    typer.echo(secret)
    note("以上密钥只显示这一次，请立即保存 / this secret is shown this once, keep it now")


@group.command("revoke")
def revoke(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(help="密钥编号 / the key's id")],
    organisation: Whose = "",
) -> None:
    """撤销密钥，即刻失效 / Revoke a key: it is refused from now on."""
    key = revoke_key(_office(context, organisation), key_id)
    note(f"已撤销 / revoked: {key.name}")


@group.command("list")
def show(context: typer.Context, organisation: Whose = "") -> None:
    """列出密钥 / List keys."""
    office, at = _office(context, organisation), now()
    rows = [
        (
            each.key_id,
            each.name,
            " ".join(each.scopes),
            f"{each.expires_at:%Y-%m-%d}",
            "有效 / live" if each.live(at) else "-",
        )
        for each in office.store.keys.all(office.organisation.organisation_id)
    ]
    columns = ("编号 / id", "用途 / name", "范围 / scopes", "到期 / expires", "状态 / state")
    print_table("接口密钥 / Machine keys", columns, rows)


def _office(context: typer.Context, organisation: str) -> Office:
    session = session_of(context)
    store = session.engine.store
    return Office(store, store.organisations.get(organisation or session.settings.organisation_id), COMMAND, now())
