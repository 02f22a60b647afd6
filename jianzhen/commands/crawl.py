"""`jianzhen crawl`: pages become listings, in a file or on the bus."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jianzhen.commands.options import PrivateAddresses
from jianzhen.commands.session import Session, session_of
from jianzhen.commands.terminal import Ticker, note, print_table
from jianzhen.whole_files import fresh_rejects, json_line, rejects_beside, replacing
from models.errors import FetchError, FetchRefused, InputError
from models.formats import listing_line
from models.subjects import Listing
from streams.fetch.addresses import check_url

if TYPE_CHECKING:
    from crawlers import CrawlReport
    from crawlers.crawl import Sink

SHOWN_FAILURES = 10


def command(
    context: typer.Context,
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="[SOURCE.yml]...", help="来源定义 / source descriptions")
    ] = None,
    url: Annotated[list[str] | None, typer.Option("--url", help="单个页面，可重复 / one page, may be repeated")] = None,
    out: Annotated[
        Path | None, typer.Option(help="写出 listings.jsonl；不给则进入消息队列 / write a file, otherwise to the bus")
    ] = None,
    allow_private_addresses: PrivateAddresses = False,
) -> None:
    """抓取页面上的商品信息 / Crawl pages for listings, into a file or onto the bus."""
    from crawlers import Source, crawl, read_source

    wanted: list[Source | str] = [*map(read_source, sources or ()), *map(_fit, url or ())]
    if not wanted:
        raise InputError("给出来源文件或 --url / name a source file or --url", where="jianzhen crawl")
    session = session_of(context)
    change = {"allow_private_addresses": True} if allow_private_addresses else {}
    settings = session.settings.crawl.model_copy(update=change)
    with _sink(session, out) as sink, Ticker("抓取 / crawling") as ticker:

        def take(listings: Sequence[Listing]) -> None:
            sink(listings)
            ticker.tick(len(listings))

        report = crawl(wanted, take, settings, organisation_id=session.settings.organisation_id)
        _tell(report, out)
        if not report.pages and report.failures:  # what an earlier run wrote stays
            raise FetchError("没有一个页面抓取成功 / no page could be fetched", mend="检查网址和网络 / check addresses")
    report.check()


def _fit(url: str) -> str:
    """The address if it is one that may be crawled at all. Raises `InputError`."""
    try:
        check_url(url)
    except FetchRefused as refused:
        raise InputError(refused.what, where=f"--url {url}", mend=refused.mend) from None
    return url


@contextmanager
def _sink(session: Session, out: Path | None) -> Iterator["Sink"]:
    """Where listings go: a file that appears when it is whole, or the topic of listings."""
    if out is None:
        from streams.bus.topics import LISTINGS

        bus = session.engine.publisher
        yield lambda listings: bus.publish(LISTINGS, listings)
        return
    with replacing(out) as file:
        yield lambda listings: file.write(b"".join(json_line(listing_line(listing)) for listing in listings))


def _tell(report: "CrawlReport", out: Path | None) -> None:
    rows = [
        ("页面 / pages", report.pages),
        ("商品 / listings", report.listings),
        ("重复 / repeated", report.repeated),
        ("没有商品的页面 / pages without goods", report.without_product),
        ("失败的页面 / failed pages", sum(report.failure_counts.values())),
    ]
    print_table("抓取 / Crawl", ("", "数量 / count"), rows, numbers=1)
    for failure in report.failures[:SHOWN_FAILURES]:
        note(f"{failure.url}: {failure.reason} / {failure.reason_en}")
    place = rejects_beside(out) if out else None
    if place:
        fresh_rejects(place)
    if place and report.failures:
        with replacing(place) as file:
            file.writelines(json_line(failure.model_dump()) for failure in report.failures)
        note(f"失败的页面 / failed pages: {place}")
