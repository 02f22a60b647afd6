"""The demo's shops on loopback: an HTTP server with robots.txt, a sitemap, shop pages and goods with JSON-LD.

Owns what the shops show. It is started and closed by a `with` block, answers on 127.0.0.1 alone and keeps no state.
"""

import json
import sys
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape

from jianzhen.demo.market import Market

HTML = "text/html; charset=utf-8"
XML = "application/xml"
CONDITIONS = {"used": "https://schema.org/UsedCondition", "new": "https://schema.org/NewCondition"}


class ShopServer:
    """The market over HTTP. `address` is known once the `with` block is entered."""

    def __init__(self, market: Market, port: int = 0) -> None:
        self._market = market
        self._server = _QuietServer(("127.0.0.1", port), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, name="demo-shops", daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Status, media type and body for a path."""
        parts = [part for part in path.split("/") if part]
        match parts:
            case []:
                return self._page("market.html", shops=self._market.shops)
            case ["robots.txt"]:
                rules = f"User-agent: *\nDisallow: /checkout/\nSitemap: {self.address}/sitemap.xml\n"
                return HTTPStatus.OK, "text/plain; charset=utf-8", rules.encode()
            case ["sitemap.xml"]:
                return HTTPStatus.OK, XML, self._render("sitemap.xml", listings=self._market.listings).encode()
            case ["shop", slug] if slug in self._shops:
                return self._page("shop.html", shop=self._shops[slug])
            case ["item", name] if name.removesuffix(".html") in self._market.listings:
                return self._item(name.removesuffix(".html"))
            case ["picture", name] if name in self._market.listings:
                media, body = self._market.picture(name)
                return HTTPStatus.OK, media, body
        return HTTPStatus.NOT_FOUND, HTML, "<h1>404 没有这个页面</h1>".encode()

    @cached_property
    def _shops(self) -> dict[str, Mapping[str, Any]]:
        return {shop["slug"]: shop for shop in self._market.shops}

    @cached_property
    def _templates(self) -> Environment:
        loader = PackageLoader("jianzhen.demo")
        return Environment(loader=loader, autoescape=select_autoescape(("html", "xml")), trim_blocks=True)

    def _item(self, listing_id: str) -> tuple[HTTPStatus, str, bytes]:
        listing = self._market.listings[listing_id]
        return self._page("item.html", listing=listing, shop=listing["shop"], data=self._structured(listing))

    def _structured(self, listing: Mapping[str, Any]) -> str:
        """The page's schema.org record as JSON that is safe inside a script element."""
        offer = {
            "@type": "Offer",
            "url": f"{self.address}/item/{listing['id']}.html",
            "price": listing["price"],
            "priceCurrency": "CNY",
            "availability": "https://schema.org/InStock",
            "itemCondition": CONDITIONS[listing.get("condition", "new")],
            "seller": {"@type": "Organization", "name": listing["shop"]["name"]},
        }
        record = {
            "@context": "https://schema.org",
            "@type": "Product",
            "sku": listing["id"],
            "name": listing["title"],
            "description": f"{listing['title']}，{listing['shop']['slogan']}",
            "image": [f"{self.address}/picture/{listing['id']}"],
            "category": listing["category"],
            "offers": offer,
            **({"brand": {"@type": "Brand", "name": listing["brand"]}} if listing["brand"] else {}),
        }
        return json.dumps(record, ensure_ascii=False).replace("<", "\\u003c")

    def _page(self, template: str, **values: object) -> tuple[HTTPStatus, str, bytes]:
        return HTTPStatus.OK, HTML, self._render(template, **values).encode()

    def _render(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(address=self.address, **values)


class _QuietServer(ThreadingHTTPServer):
    """A visitor who hangs up in the middle of an answer is no fault of the shop's."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(shops: ShopServer) -> type[BaseHTTPRequestHandler]:
    """A request handler bound to these shops."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, media, body = shops.answer(urlsplit(self.path).path)
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The demo's terminal belongs to its results."""

    return Handler
