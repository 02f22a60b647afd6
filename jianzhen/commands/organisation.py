"""`jianzhen organisation`: tenants, and who acts for whom."""

import re
from datetime import datetime, time
from typing import Annotated

import typer
from pydantic import ValidationError

from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table
from models.audit import Act
from models.errors import ConflictError, InputError
from models.moments import SHANGHAI, now
from models.organisations import ORGANISATION_ID, Organisation, OrganisationKind, PowerOfAttorney
from models.ports import Store
from models.rights import Place
from review_api.access.people import COMMAND, Office

group = typer.Typer(help="机构 / Organisations.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """机构 / Organisations."""


@group.command("add")
def add(
    context: typer.Context,
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="机构标识，小写字母与数字 / its id: small letters and figures")
    ],
    kind: Annotated[OrganisationKind, typer.Option(help="机构类型 / its kind")] = OrganisationKind.SUPERVISION,
    name: Annotated[
        str, typer.Option(help="全称；权利人须与商标的权利人名称一致 / full name; a holder's as it stands on its marks")
    ] = "",
    region: Annotated[
        list[str] | None, typer.Option(help="行政区划代码，六位，可多次给出 / division code, six digits, repeatable")
    ] = None,
) -> None:
    """新增机构 / Add an organisation."""
    store = session_of(context).engine.store
    if any(each.organisation_id == identifier for each in store.organisations.all()):
        raise ConflictError("这个机构已存在 / this organisation exists", where=identifier)
    add_organisation(store, identifier, kind, name, regions=tuple(region or ()))
    note(f"已新增 / added: {identifier} ({kind})")


@group.command("list")
def show(context: typer.Context) -> None:
    """列出机构 / List organisations."""
    rows = [
        (each.organisation_id, each.kind, each.name, " ".join(each.regions))
        for each in session_of(context).engine.store.organisations.all()
    ]
    print_table("机构 / Organisations", ("标识 / id", "类型 / kind", "全称 / name", "区划 / regions"), rows)


@group.command("empower")
def empower(
    context: typer.Context,
    agent: Annotated[str, typer.Argument(help="代理机构的标识 / the agent's id")],
    holder: Annotated[str, typer.Argument(help="权利人的标识 / the holder's id")],
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="委托止日（含当日） / last day of the power, included")
    ],
    mark: Annotated[
        list[str] | None,
        typer.Option(help="限于这些商标，可多次给出；不给则不限 / only these marks, repeatable; none: every mark"),
    ] = None,
) -> None:
    """登记委托书：代理机构可查看转给该权利人的信息；再次登记即替换 / Record a power of attorney: the agent sees what is
    referred to the holder; recording it again replaces it."""
    store, at = session_of(context).engine.store, now()
    ends = datetime.combine(until.date(), time.max, tzinfo=SHANGHAI)
    power = PowerOfAttorney(holder_id=holder, agent_id=agent, mark_ids=tuple(mark or ()), valid_from=at, valid_to=ends)
    store.organisations.empower(power)
    office = Office(store, store.organisations.get(holder), COMMAND, at)
    office.write(Act.EMPOWERED, agent, until=ends.date().isoformat(), marks=" ".join(power.mark_ids))
    note(f"已登记 / recorded: {agent} → {holder}, {ends.date()}")


@group.command("place")
def place(
    context: typer.Context,
    holder: Annotated[str, typer.Argument(help="权利人的标识 / the holder's id")],
    unit: Annotated[str, typer.Option(help="监管单位，默认按设置 / the unit, default from settings")] = "",
) -> None:
    """为权利人开通商标登记：其经办人和代理机构可在该单位的权利库中维护本权利人的商标 / Give a rights holder a place in
    a unit's registry: its editors, and agents within their power, keep its marks there."""
    session = session_of(context)
    given = give_place(session.engine.store, unit or session.settings.organisation_id, holder)
    note(f"已开通 / given: {given.holder_name} → {given.unit_name}")


def give_place(store: Store, unit_id: str, holder_id: str, *, by: str = COMMAND) -> Place:
    """Keep the place and say so in the unit's trail. Raises `ConflictError` unless a unit gives it to a holder."""
    unit, holder = store.organisations.get(unit_id), store.organisations.get(holder_id)
    if not unit.is_unit or holder.kind is not OrganisationKind.RIGHTS_HOLDER:
        raise ConflictError(
            "只能由监管单位为权利人开通 / a supervision unit gives a place to a rights holder",
            where=f"{unit_id} → {holder_id}",
        )
    at = now()
    place = Place(
        unit_id=unit_id,
        unit_name=unit.name,
        holder_id=holder_id,
        holder_name=holder.name,
        given_by=by,
        given_at=at,
    )
    store.rights.give_place(place)
    Office(store, unit, by, at).write(Act.PLACE_GIVEN, holder_id)
    return place


def add_organisation(
    store: Store,
    organisation_id: str,
    kind: OrganisationKind = OrganisationKind.SUPERVISION,
    name: str = "",
    *,
    regions: tuple[str, ...] = (),
) -> Organisation:
    """Save an organisation and say so in its trail. Raises `InputError` for an id or region that cannot be one."""
    if not re.fullmatch(ORGANISATION_ID, organisation_id):
        raise InputError(
            "机构标识只能用小写字母、数字和 . _ - / an id has small letters, figures and . _ -", where=organisation_id
        )
    try:
        organisation = Organisation(
            organisation_id=organisation_id, kind=kind, name=name.strip() or organisation_id, regions=regions
        )
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        raise InputError(
            "名称最长 128 字，行政区划代码为六位数字 / a name has at most 128 characters, a division code six digits",
            where=str(fault["loc"][0]),
        ) from None
    store.organisations.save(organisation)
    Office(store, organisation, COMMAND, now()).write(Act.ORGANISATION_ADDED, organisation_id, kind=kind)
    return organisation
