"""A small shop on loopback for the crawler's tests: fictional goods, and every page that a crawl may trip over."""

import gzip
import string
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass
class Page:
    """One answer of the shop."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Shop:
    """Where it listens and what it was asked for, in order, with each request's headers."""

    url: str
    port: int
    asked: list[str]
    headers: list[Mapping[str, str]]


@contextmanager
def serve(pages: Mapping[str, Page | str | bytes]) -> Iterator[Shop]:
    """Serve the pages; `{base}` in a page's text or headers becomes the shop's address."""
    shop = Shop("", 0, [], [])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shop.asked.append(self.path)
            shop.headers.append(dict(self.headers.items()))
            found = pages.get(self.path, Page(b"not here", 404))
            page = found if isinstance(found, Page) else Page(found)
            body = page.body.replace("{base}", shop.url).encode() if isinstance(page.body, str) else page.body
            self.send_response(page.status)
            headers = {"Content-Type": "text/html; charset=utf-8", **page.headers}
            for name, value in headers.items():
                self.send_header(name, value.replace("{base}", shop.url))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the crawler hung up, as it should on a page that is too large

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shop.port = server.server_address[1]
    shop.url = f"http://127.0.0.1:{shop.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fixture(name: str) -> str:
    """A page of the fixtures folder."""
    return (FIXTURES / f"{name}.html").read_text("utf-8")


def goods_page(name: str, sku: str, price: str) -> str:
    """A product page with JSON-LD; its canonical address is /item/SKU.html."""
    return string.Template(fixture("json_ld")).substitute(name=name, sku=sku, price=price)


def gbk_page(name: str, sku: str, price: str) -> Page:
    """The same page as GBK bytes that only the page itself declares."""
    text = goods_page(name, sku, price).replace("<head>", '<head><meta charset="gbk">').replace("{base}", "")
    return Page(text.encode("gbk"), headers={"Content-Type": "text/html"})


def gzipped(text: str) -> Page:
    """The text as a .gz file."""
    return Page(gzip.compress(text.encode()), headers={"Content-Type": "application/gzip"})
