"""Crawling a shop on loopback: what is taken, what is refused, and that nothing stops the rest."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from crawlers import Capture, CrawlReport, CrawlSettings, Source, SourceKind, crawl, read_source
from crawlers.safety import guard_connections, scrapy_settings
from crawlers.sources import Expectations, Follow, Politeness, Rule
from models.errors import ConfigurationError, FetchError, FetchRefused, FileRejected, InputError, JianzhenError
from models.subjects import Listing
from tests.crawlers.shop import Page, Shop, fixture, gbk_page, goods_page, gzipped, serve

QUICK = CrawlSettings(delay_s=0, concurrency=8, timeout_s=5, allow_private_addresses=True, retries=0)
METADATA = "http://169.254.169.254/latest/meta-data"


def redirect(to: str) -> Page:
    return Page(status=302, headers={"Location": to})


SITEMAP = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>"
INDEX = "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>{base}/goods.xml.gz</loc></sitemap></sitemapindex>"
XML = {"Content-Type": "application/xml"}


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    secrets = {f"/secret/{number}": fixture("plain") for number in range(12)}
    pages: dict[str, Page | str | bytes] = {
        "/robots.txt": Page(
            "User-agent: *\nDisallow: /secret\nSitemap: {base}/map.xml\n", headers={"Content-Type": "text/plain"}
        ),
        "/item/QC-1001.html": goods_page("晴川 洗发水", "QC-1001", "29.90"),
        "/item/QC-1002.html": goods_page("晴川 沐浴露", "QC-1002", "39.90"),
        "/microdata": fixture("microdata"),
        "/gbk": gbk_page("白鹭泉 矿泉水", "BLQ500", "3.50"),
        "/malformed": fixture("malformed"),
        "/list": fixture("list"),
        "/big": Page(b"x" * (9 << 20)),
        "/to-metadata": redirect(METADATA),
        "/to-file": redirect("file:///etc/passwd"),
        "/to-goods": redirect("/item/QC-1001.html"),
        "/loop": redirect("/loop"),
        "/about": "<html><body><h1>关于我们</h1></body></html>",
        "/shelf": '<html><body><h1>货架</h1><a class="item" href="/item/QC-1001.html">一</a>'
        '<a class="item" href="/item/QC-1002.html">二</a>'
        '<a class="item" href="http://other.example/x">外</a><a rel="next" href="/shelf2">下一页</a></body></html>',
        "/shelf2": '<html><body><a class="item" href="/gone.html">三</a></body></html>',
        "/map.xml": Page(INDEX, headers=XML),
        "/goods.xml.gz": gzipped("placeholder"),
        **secrets,
    }
    with serve(pages) as served:
        named = "".join(
            f"<url><loc>{served.url}{path}</loc></url>"
            for path in ("/item/QC-1001.html", "/item/QC-1002.html", "/about")
        )
        pages["/goods.xml.gz"] = gzipped(SITEMAP.format(named))
        yield served


def run(*sources: Source | str, settings: CrawlSettings = QUICK) -> tuple[list[Listing], CrawlReport]:
    taken: list[Listing] = []
    return taken, crawl(sources, taken.extend, settings)


def codes(shop: Shop, report: CrawlReport) -> dict[str, str]:
    return {failure.url.removeprefix(shop.url): failure.code for failure in report.failures}


def test_pages_of_every_sort_and_every_fault_is_told_with_its_address(shop: Shop) -> None:
    good = ("/item/QC-1001.html", "/microdata", "/gbk", "/malformed", "/list", "/to-goods")
    bad = {
        "/secret/1": "robots", "/dead": "dead-link", "/big": "too-large", "/to-metadata": "address-refused",
        "/to-file": "redirect-refused", "/loop": "redirects", "/about": "no-product",
    }  # fmt: skip
    secrets = {f"/secret/{number}": "robots" for number in range(12)}
    asked_before = len(shop.asked)
    taken, report = run(*(shop.url + path for path in (*good, *bad, *secrets)))
    assert {listing.title for listing in taken} == {
        "晴川 洗发水", "云朵鹿 保温杯", "白鹭泉 矿泉水", "KESTRELLO Pan", "晴川 洗衣液 2kg", "晴川 洗衣液 3kg"
    }  # fmt: skip
    assert codes(shop, report) == {**bad, **secrets}
    assert all(failure.reason and failure.reason_en for failure in report.failures)
    assert report.repeated == 1, "the redirect leads to goods that were taken already"
    asked = shop.asked[asked_before:]
    assert not [path for path in asked if path.startswith("/secret")], "robots.txt holds for pages asked for at once"
    assert asked.count("/loop") == QUICK.max_redirects + 1
    assert asked.count("/big") == 1
    first = shop.headers[asked_before]
    assert first["User-Agent"].startswith("jianzhen/")
    assert "Cookie" not in first


def test_a_page_whose_reading_breaks_is_told(shop: Shop) -> None:
    breaking = Follow(items=Rule(xpath="//a/@href[re:test(., '((')]"))  # wrong only where there is something to test
    source = Source(name="shop", kind=SourceKind.LIST, start_urls=(shop.url + "/shelf",), follow=breaking)
    taken, report = run(source)
    assert (taken, codes(shop, report)) == ([], {"/shelf": "unreadable"})


def test_private_addresses_are_refused_unless_the_source_allows_them(shop: Shop) -> None:
    asked = len(shop.asked)
    strict = QUICK.model_copy(update={"allow_private_addresses": False})
    address = f"{shop.url}/microdata"
    _, report = run(address, f"http://localhost:{shop.port}/microdata", settings=strict)
    assert set(report.failure_counts) == {"address-refused"}
    assert len(shop.asked) == asked, "not even robots.txt was asked for"
    source = Source(name="inner", kind=SourceKind.PAGES, start_urls=(address,), allow_private_addresses=True)
    taken, _ = run(source, settings=strict)
    assert [listing.source for listing in taken] == ["inner"]


def test_a_list_is_followed_to_its_goods_and_its_next_pages_but_not_elsewhere(shop: Shop) -> None:
    source = Source(
        name="shelf", kind=SourceKind.LIST, platform="云市", start_urls=(f"{shop.url}/shelf",),
        follow=Follow(items=Rule(css="a.item"), next=Rule(xpath="//a[@rel='next']/@href")),
        expect=Expectations(min_listings=3),
    )  # fmt: skip
    captures: dict[str, bytes] = {}
    taken: list[Listing] = []

    def keep(capture: Capture, body: bytes) -> None:
        captures[capture.sha256] = body

    report = crawl([source], taken.extend, QUICK, captures=keep)
    assert sorted(listing.listing_id for listing in taken) == ["QC-1001", "QC-1002"]
    assert {listing.platform for listing in taken} == {"云市"}
    found = codes(shop, report)
    assert found["/gone.html"] == "dead-link"
    assert found["http://other.example/x"] == "offsite"
    assert all("晴川".encode() in captures[listing.capture_sha256] for listing in taken)
    with pytest.raises(FetchError, match="至少 3"):
        report.check()


def test_a_sitemap_is_found_through_robots_and_its_index_and_gzip(shop: Shop) -> None:
    source = Source(
        name="map", kind=SourceKind.SITEMAP, start_urls=(f"{shop.url}/robots.txt",),
        follow=Follow(items=Rule(pattern="/item/")), politeness=Politeness(max_pages=20),
    )  # fmt: skip
    taken, report = run(source)
    assert sorted(listing.listing_id for listing in taken) == ["QC-1001", "QC-1002"]
    assert report.failures == []


def test_the_sink_gets_batches_and_its_failure_ends_the_crawl(shop: Shop) -> None:
    sizes: list[int] = []

    def failing(listings: Sequence[Listing]) -> None:
        sizes.append(len(listings))
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        crawl([f"{shop.url}/list"], failing, QUICK.model_copy(update={"batch": 1}))
    assert sizes == [1]


def test_a_crawler_process_that_dies_is_told(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(JianzhenError, match="ended early"):
        run(f"{shop.url}/list")


def test_the_guard_refuses_at_the_moment_of_connecting() -> None:
    reached: list[str] = []

    class Reactor:
        def connectTCP(self, host: str, port: int) -> None:  # noqa: N802 the reactor's name
            reached.append(host)

    for allow, host, refused in (
        (False, "127.0.0.1", True), (True, "127.0.0.1", False), (True, "169.254.169.254", True),
        (False, "::ffff:10.0.0.1", True), (False, "8.8.8.8", False), (True, "not-an-address", True),
    ):  # fmt: skip
        reactor, reached[:] = Reactor(), []
        guard_connections(reactor, allow_private=allow)
        if refused:
            with pytest.raises(FetchRefused):
                reactor.connectTCP(host, 80)
        else:
            reactor.connectTCP(host, 80)
        assert reached == ([] if refused else [host])


def test_the_table_of_safe_settings() -> None:
    source = Source(
        name="s", kind=SourceKind.PAGES, start_urls=("http://shop.example/",), politeness=Politeness(delay_s=9)
    )
    table = scrapy_settings(CrawlSettings(), source)
    expected = {
        "ROBOTSTXT_OBEY": True, "DOWNLOAD_MAXSIZE": 8 << 20, "DOWNLOAD_TIMEOUT": 20.0, "REDIRECT_MAX_TIMES": 5,
        "COOKIES_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "HTTPPROXY_ENABLED": False, "DOWNLOAD_DELAY": 9.0,
        "AUTOTHROTTLE_ENABLED": True, "REMOTE_CONTROL_ENABLED": False,
    }  # fmt: skip
    assert {name: table[name] for name in expected} == expected
    assert all(table["DOWNLOAD_HANDLERS"][scheme] is None for scheme in ("file", "ftp", "data", "s3"))
    faster = scrapy_settings(CrawlSettings(delay_s=3), source.model_copy(update={"politeness": Politeness(delay_s=0)}))
    assert faster["DOWNLOAD_DELAY"] == 3.0, "a source may ask for less speed, not for more"


LISTED = "kind: list\nstart_urls: ['http://x.example/']\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: pages\n", "start_urls"),
        ("kind: feed\n", "files"),
        ("kind: pages\nstart_urls: ['ftp://x.example/']\n", "scheme"),
        ("kind: pages\nstart_urls: ['http://x.example/']\nfolow: {}\n", "folow"),
        ("kind: pages\nstart_urls: [", "YAML"),
        ("- a\n- b\n", "字段"),
        ("[" * 100_000, "YAML"),
        (LISTED + "follow: {items: {css: 'a[['}}\n", "CSS"),
        (LISTED + "follow: {next: {xpath: '//['}}\n", "XPath"),
        (LISTED + "follow: {items: {pattern: '(('}}\n", "regular expression"),
    ],
)
def test_a_wrong_source_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "shop.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(FileRejected, match=said) as refused:
        read_source(path)
    assert str(path) in refused.value.where


def test_a_source_takes_its_name_from_its_file_and_its_hosts_from_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "cloud.yml"
    path.write_text("kind: list\nstart_urls: ['http://shop.example/a', 'http://shop.example/b']\n", "utf-8")
    source = read_source(path)
    assert (source.name, source.hosts) == ("cloud", ("shop.example",))
    assert Source.model_validate(json.loads(source.model_dump_json())) == source


def test_feeds_and_bad_addresses_are_told_apart() -> None:
    with pytest.raises(ConfigurationError, match="feed"):
        run(Source(name="f", kind=SourceKind.FEED, files=("a.csv",)))
    with pytest.raises(InputError, match="scheme"):
        run("gopher://x.example/")


def test_the_sources_in_the_manual_are_valid(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
    examples = [block.split("```")[0] for block in manual.split("```yaml\n")[1:]]
    assert len(examples) == 2
    for number, text in enumerate(examples):
        path = tmp_path / f"{number}.yml"
        path.write_text(text, "utf-8")
        read_source(path)
    for name in Source.model_fields:
        assert f"`{name}" in manual, f"docs/sources.md does not tell of {name}"
