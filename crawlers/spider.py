"""The spider: fetches a source's pages within its rules and writes down what each yielded.

Owns: which links are followed, and the words for what went wrong. Every page ends in exactly one record: read, or
failed with its address and reason. Leaves to others: safety (`safety`), reading pages (`pages`), the process (`run`).
"""

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots
from twisted.python.failure import Failure as TwistedFailure
from w3lib.url import canonicalize_url

from crawlers.pages import listings_of, read_page
from crawlers.report import Capture, Failure
from crawlers.settings import CrawlSettings
from crawlers.sources import Rule, Source, SourceKind
from models.errors import FetchRefused
from models.formats.listings import listing_line
from models.values import Value
from streams.fetch.addresses import shortened

Record = Callable[[dict[str, Any]], None]
KeepBytes = Callable[[str, bytes], None]

# Name of an exception -> code, and the words in both languages. Scrapy's own, and Twisted's where they come through.
FAULTS: dict[str, tuple[str, str, str]] = {
    "CannotResolveHostError": ("unknown-host", "域名无法解析", "the host name cannot be resolved"),
    "DNSLookupError": ("unknown-host", "域名无法解析", "the host name cannot be resolved"),
    "DownloadConnectionRefusedError": ("no-connection", "对方拒绝连接", "the connection was refused"),
    "ConnectionRefusedError": ("no-connection", "对方拒绝连接", "the connection was refused"),
    "DownloadTimeoutError": ("timeout", "超时未返回", "it did not come in time"),
    "TimeoutError": ("timeout", "超时未返回", "it did not come in time"),
    "DownloadCancelledError": ("too-large", "页面超过大小上限", "the page is larger than the limit"),
    "ResponseDataLossError": ("cut-off", "页面传输不完整", "the page came incomplete"),
    "UnsupportedURLSchemeError": ("bad-scheme", "只抓取 http 与 https 网址", "only http and https are fetched"),
}


class ShopSpider(scrapy.Spider):
    """Crawls one source. `record` takes one record a page; `keep` takes a page's bytes by their SHA-256."""

    name = "shop"

    def __init__(self, source: Source, settings: CrawlSettings, record: Record, keep: KeepBytes | None) -> None:
        super().__init__()
        self.source = source
        self.record = record
        self.keep = keep
        # Pages named one by one may redirect anywhere public; followed links stay with their hosts.
        self._hosts = source.hosts if source.kind is not SourceKind.PAGES or source.allowed_domains else ()
        self.allowed_domains = list(self._hosts)
        self._left = min(settings.max_pages, source.politeness.max_pages or settings.max_pages)
        self._limit_said = False
        self._asked: set[str] = set()

    async def start(self) -> AsyncIterator[Any]:
        self.crawler.signals.connect(self.unread, signal=scrapy.signals.spider_error)
        callback = {SourceKind.SITEMAP: self.parse_sitemap, SourceKind.LIST: self.parse_list}.get(
            self.source.kind, self.parse_page
        )
        for url in self.source.start_urls:
            for request in self._request(url, callback):
                yield request

    def parse_page(self, response: Response) -> None:
        """A product page, or a page with several products."""
        self._read(response, ())

    def parse_list(self, response: Response) -> Iterator[Request]:
        """A list page: its own listings where they have no page of their own, links to product pages, further pages."""
        items = self._links(response, self.source.follow.items)
        reading = self._read(response, tuple(items))
        for link in dict.fromkeys([*items, *reading]):
            yield from self._request(response.urljoin(link), self.parse_page)
        for link in self._links(response, self.source.follow.next):
            yield from self._request(response.urljoin(link), self.parse_list)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """A sitemap, an index of sitemaps, or a robots.txt that names them; gzip included."""
        if response.url.endswith("/robots.txt"):
            for url in sitemap_urls_from_robots(response.text, base_url=response.url):
                yield from self._request(url, self.parse_sitemap)
            return
        body = self._sitemap_body(response)
        if body is None:
            self._fail(response.url, "not-a-sitemap", "不是站点地图", "not a sitemap")
            return
        sitemap = Sitemap(body)
        pattern = self.source.follow.items.pattern
        for entry in sitemap:
            link = response.urljoin(entry.get("loc", "").strip())
            if sitemap.type == "sitemapindex":
                yield from self._request(link, self.parse_sitemap)
            elif not pattern or re.search(pattern, link):
                yield from self._request(link, self.parse_page)

    def _sitemap_body(self, response: Response) -> bytes | None:
        body = response.body
        if gzip_magic_number(response):
            body = gunzip(body, max_size=self.settings.getint("DOWNLOAD_MAXSIZE"))
        return body if re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", body[:4096]) else None

    def _request(self, url: str, callback: Callable[..., Any]) -> Iterator[Request]:
        address = canonicalize_url(url)
        if address in self._asked:
            return
        self._asked.add(address)
        if self._hosts and not _within(url, self._hosts):
            self._fail(url, "offsite", "不在来源允许的站点内", "it lies outside the source's hosts")
            return
        if self._left <= 0:
            if not self._limit_said:
                self._limit_said = True
                self._fail(
                    url, "page-limit", "已达到页数上限, 其余未取", "the limit of pages is reached; the rest was left"
                )
            return
        self._left -= 1
        try:
            yield Request(url, callback=callback, errback=self.failed, meta={"asked": url})
        except ValueError:
            self._fail(url, "bad-address", "网址无效", "not a valid address")

    def _links(self, response: Response, rule: Rule) -> list[str]:
        if not isinstance(response, TextResponse) or not (rule.css or rule.xpath or rule.pattern):
            return []
        found = response.css(rule.css) if rule.css else response.xpath(rule.xpath or "//a")
        links: list[str] = []
        for node in found:
            links += [node.root] if isinstance(node.root, str) else node.xpath("@href | .//@href").getall()[:1]
        joined = [response.urljoin(link.strip()) for link in links if link.strip()]
        return [link for link in dict.fromkeys(joined) if not rule.pattern or re.search(rule.pattern, link)]

    def _read(self, response: Response, followed: tuple[str, ...]) -> list[str]:
        """Read a page, write its record, and return the product pages that its own list names."""
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        sha256 = hashlib.sha256(response.body).hexdigest()
        at = datetime.now(UTC)
        reading = read_page(response.body, response.url, content_type=content_type)
        listings = listings_of(
            reading, platform=self.source.platform, source=self.source.name, captured_at=at, capture_sha256=sha256
        )
        elsewhere = {response.urljoin(link) for link in (*followed, *reading.links)}
        if self.source.kind is SourceKind.LIST and elsewhere:
            listings = [listing for listing in listings if listing.url == response.url or listing.url not in elsewhere]
        capture = Capture(
            url=str(response.meta.get("asked", response.url)),
            final_url=response.url,
            sha256=sha256,
            size=len(response.body),
            status=response.status,
            content_type=content_type[:200],
            captured_at=at,
            peer=str(response.ip_address or ""),
        )
        if self.keep is not None:
            self.keep(sha256, response.body)
        self._write("page", capture, listings=[_written(listing) for listing in listings], links=len(elsewhere))
        return list(reading.links) if self.source.kind is SourceKind.LIST else []

    def failed(self, failure: TwistedFailure) -> None:
        """A page that did not come: its address, and the reason in words."""
        request = getattr(failure, "request", None)
        url = str(request.meta.get("asked", request.url)) if request is not None else ""
        self._fail(url, *fault_words(failure.value or RuntimeError("no reason given")))

    def unread(self, failure: TwistedFailure, response: Response) -> None:
        """A page that came and whose reading broke: it is told like one that did not come."""
        error = failure.value or RuntimeError("no reason given")
        detail = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        self._fail(response.url, "unreadable", f"页面无法读取: {detail}", f"the page cannot be read: {detail}")

    def _fail(self, url: str, code: str, zh: str, en: str) -> None:
        self._write("failure", Failure(url=shortened(url, 500), code=code, reason=zh, reason_en=en))

    def _write(self, kind: str, value: Value, **more: Any) -> None:
        self.record({"kind": kind, "value": value.model_dump(mode="json"), **more})


def _within(url: str, hosts: tuple[str, ...]) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return any(host == allowed.lower() or host.endswith(f".{allowed.lower()}") for allowed in hosts)


def _written(listing: Any) -> dict[str, Any]:
    return {**listing_line(listing), "source": listing.source}


def fault_words(error: BaseException) -> tuple[str, str, str]:
    """Code and words, Chinese and English, for what a request ended with."""
    if isinstance(error, HttpError):
        status = error.response.status
        if status in (404, 410):
            return "dead-link", f"页面不存在 (HTTP {status})", f"the page does not exist (HTTP {status})"
        if 300 <= status < 400:
            return "redirect-refused", "跳转到不允许的网址", "it redirects to an address that is not fetched"
        return "http-status", f"服务器返回 HTTP {status}", f"the server answered HTTP {status}"
    refused = error if isinstance(error, FetchRefused) else _refusal_inside(error)
    if refused is not None:
        zh, _, en = refused.mend.partition(" / ")
        zh, en = (f" ({zh})", f" ({en})") if en else ("", "")
        return "address-refused", f"该地址不允许访问: {refused.what}{zh}", f"the address is refused: {refused.what}{en}"
    if isinstance(error, IgnoreRequest):
        return _ignored(str(error))
    for kind in type(error).__mro__:
        if kind.__name__ in FAULTS:
            return FAULTS[kind.__name__]
    said = str(error)
    detail = said.splitlines()[0][:160] if said else type(error).__name__
    return "failed", f"未能取得: {detail}", f"it could not be fetched: {detail}"


def _ignored(said: str) -> tuple[str, str, str]:
    if "robots" in said.lower():
        return "robots", "robots.txt 不允许抓取", "robots.txt forbids it"
    if "redirect" in said.lower():
        return "redirects", "跳转次数过多", "too many redirects"
    if "offsite" in said.lower() or "filtered" in said.lower():
        return "offsite", "跳转到其他站点", "it leads to another site"
    return "refused", f"已放弃: {said[:160]}", f"given up: {said[:160]}"


def _refusal_inside(error: BaseException) -> FetchRefused | None:
    """A refusal that the connection machinery wrapped in an error of its own."""
    inner: list[Any] = [error.__cause__, error.__context__, *getattr(error, "reasons", ())]
    for part in inner:
        value = getattr(part, "value", part)
        if isinstance(value, FetchRefused):
            return value
    return None
