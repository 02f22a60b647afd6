"""Crawling sources: starts a process for each, hands its listings on in batches, and reports.

Owns: the child's life, batches, repeated listings, captures, expectations.
Leaves to others: fetching and reading (`run`, `spider`, `pages`), where listings go (the sink).
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import IO, Any

from crawlers.report import Capture, CrawlReport, Failure, expectation_alarm
from crawlers.settings import CrawlSettings
from crawlers.sources import Source, SourceKind, source_of_urls
from models.errors import ConfigurationError, JianzhenError
from models.identity import LOCAL
from models.subjects import Listing

Sink = Callable[[Sequence[Listing]], object]
"""Takes a batch of listings; what it returned for must be safe. An exception ends the crawl."""
CaptureSink = Callable[[Capture, bytes], object]
Progress = Callable[[CrawlReport], object]

FEEDS = "用 jianzhen ingest listings --source 导入 / import it by jianzhen ingest listings --source"
FAILURES_KEPT = 1000
STOP_S = 10.0
PATIENCE_S = 5.0  # a slow crawl hands on what it has, full batch or not


def crawl(
    sources: Sequence[Source | str],
    sink: Sink,
    settings: CrawlSettings | None = None,
    *,
    organisation_id: str = LOCAL,
    captures: CaptureSink | None = None,
    progress: Progress | None = None,
) -> CrawlReport:
    """Crawl each source, and addresses given as text as one source of pages. Listings go to `sink` in batches as they
    come; each platform's listing id goes once. `captures` takes every page's bytes with its record. Look at the
    report's `alarms`. Raises `ConfigurationError` for a feed (use `crawlers.feeds`), `JianzhenError` when a crawler
    process dies, and whatever the sink raises."""
    settings = settings or CrawlSettings()
    urls = tuple(source for source in sources if isinstance(source, str))
    named = [source for source in sources if isinstance(source, Source)]
    if urls:
        named.append(source_of_urls(urls, allow_private_addresses=settings.allow_private_addresses))
    report = CrawlReport()
    for source in named:
        if source.kind is SourceKind.FEED:
            raise ConfigurationError("来源是文件, 不是网页 / the source is a feed", where=source.name, mend=FEEDS)
        _SourceCrawl(source, settings, report, sink, organisation_id, captures, progress).run()
    return report


class _SourceCrawl:
    """One source's crawl, seen from the parent."""

    def __init__(
        self,
        source: Source,
        settings: CrawlSettings,
        report: CrawlReport,
        sink: Sink,
        organisation_id: str,
        captures: CaptureSink | None,
        progress: Progress | None,
    ) -> None:
        self._source = source
        self._settings = settings
        self._report = report
        self._sink = sink
        self._organisation_id = organisation_id
        self._captures = captures
        self._progress = progress
        self._seen: set[tuple[str, str]] = set()
        self._batch: list[Listing] = []
        self._handed_on = monotonic()

    def run(self) -> None:
        before = self._report.listings
        with tempfile.TemporaryDirectory(prefix="jianzhen-crawl-") as folder:
            for record in self._records(Path(folder)):
                self._take(record, Path(folder))
        self._hand_on()
        count = self._report.listings - before
        self._report.sources[self._source.name] = self._report.sources.get(self._source.name, 0) + count
        alarm = expectation_alarm(self._source.name, count, self._source.expect)
        self._report.alarms += [alarm] if alarm else []

    def _records(self, folder: Path) -> Iterator[dict[str, Any]]:
        job = folder / "job.json"
        spool = str(folder) if self._captures is not None else ""
        job.write_text(
            json.dumps(
                {
                    "source": self._source.model_dump(mode="json"),
                    "settings": self._settings.model_dump(mode="json"),
                    "spool": spool,
                }
            ),
            "utf-8",
        )
        with (folder / "log.txt").open("w+b") as log:
            process = subprocess.Popen(  # noqa: S603 our own module
                [sys.executable, "-P", "-m", "crawlers.run", str(job)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
            try:
                yield from _read_records(process, log, self._source.name)
            finally:
                _stop(process)

    def _take(self, record: dict[str, Any], folder: Path) -> None:
        if record["kind"] == "failure":
            self._fail(Failure.model_validate(record["value"]))
        elif record["kind"] == "page":
            self._page(record, folder)
        if self._progress is not None:
            self._progress(self._report)

    def _fail(self, failure: Failure) -> None:
        self._report.failure_counts[failure.code] += 1
        if len(self._report.failures) < FAILURES_KEPT:
            self._report.failures.append(failure)

    def _page(self, record: dict[str, Any], folder: Path) -> None:
        capture = Capture.model_validate(record["value"])
        self._report.pages += 1
        if self._captures is not None:
            kept = folder / capture.sha256
            self._captures(capture, kept.read_bytes())
        found = [
            Listing.model_validate({**listing, "organisation_id": self._organisation_id})
            for listing in record["listings"]
        ]
        if not found and not record["links"]:
            self._report.without_product += 1
            words = ("页面上没有找到商品", "no product was found on the page")
            self._fail(Failure(url=capture.final_url, code="no-product", reason=words[0], reason_en=words[1]))
        for listing in found:
            self._add(listing)

    def _add(self, listing: Listing) -> None:
        name = (listing.platform, listing.listing_id)
        if name in self._seen:
            self._report.repeated += 1
            return
        self._seen.add(name)
        self._batch.append(listing)
        if len(self._batch) >= self._settings.batch or monotonic() - self._handed_on > PATIENCE_S:
            self._hand_on()

    def _hand_on(self) -> None:
        if self._batch:
            self._sink(tuple(self._batch))
            self._report.listings += len(self._batch)
            self._batch = []
        self._handed_on = monotonic()


def _read_records(process: subprocess.Popen[bytes], log: IO[bytes], name: str) -> Iterator[dict[str, Any]]:
    """The child's records until it says that it came to its end."""
    ended = False
    assert process.stdout is not None  # noqa: S101 it was asked for
    for line in process.stdout:
        record = json.loads(line)
        if record["kind"] == "end":
            ended = True
        else:
            yield record
    status = process.wait()
    if not ended or status != 0:
        log.seek(0)
        said = log.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
        last = said[-1][:300] if said else f"exit status {status}"
        raise JianzhenError(
            f"抓取进程异常结束 / the crawler process ended early: {last}", where=name, mend="重新运行 / run it again"
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the child when the listener leaves early."""
    if process.stdout is not None:
        process.stdout.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
