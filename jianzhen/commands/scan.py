"""`jianzhen scan`: files in, leads.jsonl out; no server, no database."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.options import (
    AsOf,
    AuthorisedFile,
    GoodsFile,
    MarksFile,
    NumbersFile,
    OperatorsFile,
    PenaltiesFile,
    PrivateAddresses,
    moment_of,
)
from jianzhen.commands.session import session_of
from jianzhen.commands.terminal import Ticker, note_unread_words, print_table, show_rejects
from jianzhen.whole_files import json_line, rejects_of, replacing
from models.errors import InputError
from models.explanations import fact_title
from models.formats import Rejects, read_listings, read_parcels, read_placed
from models.subjects import Listing

if TYPE_CHECKING:
    from jianzhen.screening_files import Placed, Totals

SHOWN_FACTS = 15


def command(
    context: typer.Context,
    marks: MarksFile,
    out: Annotated[Path, typer.Option(help="写出 leads.jsonl / where the leads go")],
    listings: Annotated[Path | None, typer.Option(help="商品信息 listings.jsonl 或 .csv / the listings")] = None,
    parcels: Annotated[Path | None, typer.Option(help="邮件快件 parcels.jsonl 或 .csv / the parcels")] = None,
    goods: GoodsFile = None,
    authorised: AuthorisedFile = None,
    operators: OperatorsFile = None,
    penalties: PenaltiesFile = None,
    numbers: NumbersFile = None,
    price_model: Annotated[
        Path | None, typer.Option(help="jianzhen price train 写出的价格模型 / a second opinion on prices")
    ] = None,
    as_of: AsOf = "",
    allow_private_addresses: PrivateAddresses = False,
) -> None:
    """比对文件：商品信息或寄递记录逐条给出疑似信息及理由 / Screen a file of listings or parcels; reasons for and
    against each."""
    from jianzhen.record_files import RecordFiles, load_wording
    from jianzhen.registry_files import RegistryFiles
    from jianzhen.rules_files import load_rules
    from jianzhen.screening_files import open_screening

    subjects = _one_of(listings, parcels)
    if listings:
        note_unread_words()
    at = moment_of(as_of)
    settings = session_of(context).settings
    fetch = settings.fetch.model_copy(update={"allow_private": True}) if allow_private_addresses else settings.fetch
    files, known = RegistryFiles(marks, goods, authorised), RecordFiles(operators, penalties, numbers)
    with (
        rejects_of(out, subjects, marks, goods, authorised, operators, penalties, numbers) as rejects,
        open_screening(
            files,
            subjects,
            rejects,
            as_of=at,
            fetch=fetch,
            pictures=settings.pictures,
            peers=_peers(listings, at),
            price_model=price_model,
            table=load_rules(settings.triage.rules),
            records=known.read(rejects),
            wording=load_wording(settings.wording.rules),
        ) as screening,
        replacing(out) as target,
        Ticker("比对 / screening") as ticker,
    ):
        for line in screening.lines(_placed(listings, parcels, rejects, at)):
            target.write(json_line(line))
            ticker.tick()
    _summarise(screening.totals, rejects, out)


def _one_of(listings: Path | None, parcels: Path | None) -> Path:
    given = [path for path in (listings, parcels) if path]
    if len(given) != 1:
        raise InputError(
            "给出 --listings 或 --parcels 之一 / give either --listings or --parcels", where="jianzhen scan"
        )
    return given[0]


def _placed(listings: Path | None, parcels: Path | None, rejects: Rejects, at: datetime) -> Iterator["Placed"]:
    from jianzhen.screening_files import Placed

    if listings:
        return (Placed(each.line, each.listing) for each in read_placed(listings, rejects, intake_at=at))
    if parcels:
        return (Placed(0, parcel) for parcel in read_parcels(parcels, rejects, intake_at=at))
    return iter(())


def _peers(listings: Path | None, at: datetime) -> Iterator[Listing]:
    """The file's own listings, read once before the rest: each is compared with the others. What cannot be read twice
    (a pipe) has no peers."""
    if listings is not None and listings.is_file():
        yield from read_listings(listings, Rejects(), intake_at=at)


def _summarise(totals: "Totals", rejects: Rejects, out: Path) -> None:
    rows: list[tuple[object, ...]] = [
        ("已比对 / screened", totals.subjects),
        ("疑似 / flagged", totals.flagged),
        ("拒收的行 / rejected rows", rejects.rejected),
        ("图片无法读取 / pictures not read", totals.pictures_failed),
    ]
    rows += [
        (f"{fact_title(fact, 'zh')} / {fact_title(fact, 'en')}", count)
        for fact, count in totals.facts.most_common(SHOWN_FACTS)
    ]
    print_table(f"{out}", ("", "数量 / count"), rows, numbers=1)
    show_rejects(rejects)
