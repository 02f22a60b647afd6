"""`jianzhen registry import`: a rights holder's files become the next version of the registry."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.options import (
    AuthorisedFile,
    GoodsFile,
    NumbersFile,
    OperatorsFile,
    OptionalMarksFile,
    PenaltiesFile,
)
from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import note, print_table, show_rejects
from jianzhen.whole_files import fresh_rejects
from models.errors import InputError, NotFoundError
from models.formats import Rejects
from models.moments import now
from models.registry import Registry

if TYPE_CHECKING:
    from jianzhen.engine import Engine
    from jianzhen.record_files import RecordFiles
    from jianzhen.registry_files import RegistryFiles

group = typer.Typer(help="权利登记 / The registry of marks, goods and sellers.", no_args_is_help=True)


@group.callback()
def about() -> None:
    """权利登记 / The registry of marks, goods and sellers."""


@group.command("import")
def load(
    context: typer.Context,
    marks: OptionalMarksFile = None,
    goods: GoodsFile = None,
    authorised: AuthorisedFile = None,
    operators: OperatorsFile = None,
    penalties: PenaltiesFile = None,
    numbers: NumbersFile = None,
) -> None:
    """导入权利信息并读取官方图片，导入经营主体、行政处罚和编号名录；未给出的文件保持原样 / Import the registry and read
    its official pictures, and public records of firms, penalties and numbers; a part whose file is not given stays."""
    from jianzhen.record_files import RecordFiles
    from jianzhen.registry_files import RegistryFiles

    files, known = RegistryFiles(marks, goods, authorised), RecordFiles(operators, penalties, numbers)
    rights = marks or goods or authorised
    named = rights or known.first
    if named is None:
        raise InputError("至少给出一个文件 / name at least one file", where="jianzhen registry import")
    session = session_of(context)
    folder = session.settings.data_dir / "rejects"
    with fresh_rejects(folder / f"{named.name}.rejects.jsonl") as rejects:
        rows: list[tuple[object, ...]] = []
        version = ""
        if rights is not None:
            version, registry, failed = import_registry(session.engine, files, rejects)
            rows += [
                ("商标 / marks", len(registry.marks)),
                ("参照商品 / goods", len(registry.goods)),
                ("授权商家 / authorised sellers", len(registry.authorised)),
                ("图片无法读取 / pictures not read", failed),
            ]
        if known.first is not None:
            rows += import_records(session.engine, known, rejects)
        rows.append(("拒收的行 / rejected rows", rejects.rejected))
        print_table("权利登记 / Registry", ("", "数量 / count"), rows, numbers=1)
        show_rejects(rejects)
    if version:
        note(f"登记版本 / registry version: {version}")


@group.command("check")
def check(
    context: typer.Context,
    marks: Annotated[list[str], typer.Argument(help="商标编号，可多个 / the marks' ids", metavar="MARK...")],
    source: Annotated[str, typer.Option(help="核对依据，如 注册证原件 / what they were compared with")],
    by: Annotated[str, typer.Option(help="核验人 / in whose name it is recorded")] = "command-line",
    days: Annotated[int, typer.Option(min=1, max=366, help="有效天数 / for how many days it holds")] = 180,
) -> None:
    """登记商标核验：已核对注册证和当前状态，结果一致；未经核验的商标不得导出 / Record that marks were compared with
    their certificate and status, and agree: nothing is exported on a mark that was not checked."""
    from models.mark_checks import CheckResult, Compared, MarkCheck, day_of

    session = session_of(context)
    store, organisation_id, at = session.engine.store, session.settings.organisation_id, now()
    registered = store.registry.current(organisation_id).mark_by_id
    for mark_id in marks:
        if mark_id not in registered:
            raise NotFoundError("没有这件商标 / no such mark", where=mark_id)
    if not source.strip():
        raise InputError("请写明核对依据 / say what they were compared with", where="--source")
    for mark_id in dict.fromkeys(marks):
        store.mark_checks.add(
            MarkCheck(
                organisation_id=organisation_id,
                mark=registered[mark_id],
                compared=(Compared.CERTIFICATE, Compared.STATUS),
                source=source.strip(),
                result=CheckResult.AGREES,
                by=by,
                at=at,
                valid_until=day_of(at) + timedelta(days=days),
            )
        )
        note(f"已核验 / checked: {registered[mark_id].text or mark_id}")


def import_records(engine: "Engine", files: "RecordFiles", rejects: Rejects) -> list[tuple[object, ...]]:
    """Publish the files' rows in the place of those that stand; returns what stands now as lines of a table."""
    from streams.screening.records import publish_records

    engine.store.ping()
    market = engine.store.market
    records = publish_records(market, engine.settings.organisation_id, files.rows(rejects), at=now())
    return [
        ("经营主体 / operators", len(records.operators)),
        ("行政处罚 / penalties", len(records.penalties)),
        ("编号名录 / numbers", len(records.numbers)),
    ]


def import_registry(engine: "Engine", files: "RegistryFiles", rejects: Rejects) -> tuple[str, Registry, int]:
    """Commit the files' rows over what stands, read the pictures that they name; returns the new version, the whole
    registry, and how many pictures could not be read."""
    from jianzhen.registry_files import check_usable

    organisation_id = engine.settings.organisation_id
    standing = engine.store.registry.current(organisation_id)
    read = files.read(rejects)
    registry = Registry(
        marks=read.marks if files.marks else standing.marks,
        goods=read.goods if files.goods else standing.goods,
        authorised=read.authorised if files.authorised else standing.authorised,
    )
    check_usable(registry, rejects, where=files.marks)
    pictured = Registry(marks=read.marks, goods=read.goods)
    references = files.official_pictures(pictured, engine.picture_source, rejects, organisation_id=organisation_id)
    engine.store.registry.save_reference_pictures(organisation_id, references)
    version = engine.store.registry.commit(organisation_id, registry, at=now())
    failed = sum(bool(reference.reading.failure) for reference in references)
    return version, registry, failed
