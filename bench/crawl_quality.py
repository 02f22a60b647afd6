"""Pages crawled over HTTP against their ground truth: `python -m bench.crawl_quality --data DIR`.

The saved product pages are served on loopback under their own paths and crawled with the shipped crawler; a listing is
matched to its page by the hash of the bytes it was read from. Precision and recall are told for each field, over all
pages and over the half whose hash has an odd first digit: the rules were written from the pages of the even half; of
the odd half only counts were looked at while they were written. A field that the
people who made the truth left empty is not judged wrong ("unjudged"): they wrote down what a page shows, so that a
currency that only its data name has no truth. `strict` counts those as errors too.
"""

import argparse
import gzip
import hashlib
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import extruct

from crawlers import CrawlReport, CrawlSettings, crawl
from crawlers.pages import listings_of, read_page
from models.formats.prices import currency_in, read_price
from models.moments import now
from models.subjects import Listing

SIGNS = {
    "$": {"USD", "CAD", "AUD", "NZD", "CLP", "MXN", "COP", "ARS", "SGD", "HKD", "TWD"},
    "€": {"EUR"}, "£": {"GBP"}, "₽": {"RUB"}, "₹": {"INR"}, "Rs": {"INR", "PKR", "LKR"}, "¥": {"CNY", "JPY"},
}  # fmt: skip
OUT = {"OutOfStock", "SoldOut", "Discontinued"}
TOLD_BASELINE = "extruct alone as its benchmark tells: price precision 0.86, recall 0.57"


def run(data: Path) -> dict[str, Any]:
    """Crawl the pages and measure: `fields` by half and field, `pages`, `failures`, `seconds`."""
    folder = data / "html_product_pages"
    truth: dict[str, dict[str, Any]] = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    bodies = {key: gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()) for key in truth}
    names = {hashlib.sha256(body).hexdigest(): key for key, body in bodies.items()}
    started = perf_counter()
    with served(truth, bodies) as urls:
        listings: list[Listing] = []
        settings = CrawlSettings(
            delay_s=0, concurrency=8, allow_private_addresses=True, obey_robots=False, max_page_bytes=64 << 20
        )
        report = crawl(urls, listings.extend, settings)
    seconds = perf_counter() - started
    by_page: dict[str, list[Listing]] = defaultdict(list)
    for listing in listings:
        by_page[names[listing.capture_sha256]].append(listing)
    found = {key: several[0] for key, several in by_page.items() if len(several) == 1}  # several are no answer
    halves: dict[str, Callable[[str], bool]] = {
        "all": lambda key: True,
        "odd half": lambda key: int(key[0], 16) % 2 == 1,
    }
    fields = {
        half: measure({key: truth[key] for key in truth if wanted(key)}, found) for half, wanted in halves.items()
    }
    plain = {key: listing for key, body in bodies.items() if (listing := extruct_alone(body, truth[key]["url"]))}
    fields["extruct alone"] = measure(truth, plain)
    return {
        "pages": len(truth), "listings": len(listings), "seconds": seconds, "fields": fields,
        "failures": [failure.model_dump() for failure in report.failures], "report": report,
    }  # fmt: skip


def extruct_alone(body: bytes, url: str) -> Listing | None:
    """The baseline: the first Product that extruct finds in any syntax, its first offer, nothing else."""
    text = body.decode("utf-8", "replace")
    found = extruct.extract(text, base_url=url, uniform=True, errors="ignore")
    for syntax in ("json-ld", "microdata", "opengraph", "rdfa", "microformat"):
        for item in found.get(syntax, ()):
            if isinstance(item, dict) and "product" in str(item.get("@type", "")).lower():
                return _plain_listing(item, url)
    return None


def _plain_listing(item: dict[str, Any], url: str) -> Listing:
    offers = item.get("offers") or {}
    offer = offers[0] if isinstance(offers, list) and offers else offers
    offer = offer if isinstance(offer, dict) else {}
    price = offer.get("price") or offer.get("lowPrice") or item.get("product:price:amount")
    currency = str(offer.get("priceCurrency") or item.get("product:price:currency") or "")
    brand = item.get("brand") or ""
    return Listing(
        listing_id=url, platform="baseline", title="-",
        price=read_price(str(price)).price if price else None,
        currency=currency if re.fullmatch("[A-Z]{3}", currency) else None,
        availability=str(offer.get("availability") or "").rsplit("/", 1)[-1],
        sku=str(item.get("sku") or ""), gtin=str(item.get("gtin13") or item.get("gtin") or ""),
        brand=str(brand.get("name", "") if isinstance(brand, dict) else brand),
    )  # fmt: skip


@contextmanager
def served(truth: dict[str, dict[str, Any]], bodies: dict[str, bytes]) -> Iterator[list[str]]:
    """Serve each page under its own path and query; yields the addresses."""
    by_path: dict[str, bytes] = {}
    for key, entry in truth.items():
        parts = urlsplit(entry["url"])
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        by_path[path if path not in by_path else f"/{key}{path}"] = bodies[key]
    handler = partial(_Pages, by_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield [f"http://127.0.0.1:{server.server_address[1]}{path}" for path in by_path]
    finally:
        server.shutdown()
        server.server_close()


class _Pages(BaseHTTPRequestHandler):
    def __init__(self, pages: dict[str, bytes], *rest: Any) -> None:
        self._pages = pages
        super().__init__(*rest)

    def do_GET(self) -> None:
        body = self._pages.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def measure(truth: dict[str, dict[str, Any]], found: dict[str, Listing]) -> dict[str, dict[str, float]]:
    """Counts, precision and recall by field."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, entry in truth.items():
        listing = found.get(key)
        for field, same in JUDGES.items():
            wanted = [str(value) for value in entry.get(field) or ()]
            value = getattr(listing, field) if listing is not None else None
            told = value not in (None, "")
            count = counts[field]
            if told and not wanted:
                count["unjudged"] += 1
            elif told:
                count["right" if any(same(value, text) for text in wanted) else "wrong"] += 1
            count["truth"] += bool(wanted)
    return {
        field: {
            **count,
            "precision": count["right"] / max(1, count["right"] + count["wrong"]),
            "strict": count["right"] / max(1, count["right"] + count["wrong"] + count["unjudged"]),
            "recall": count["right"] / max(1, count["truth"]),
        }
        for field, count in counts.items()
    }


def _same_price(value: Decimal, text: str) -> bool:
    return read_price(text.strip()).price == value


def _same_currency(value: str, text: str) -> bool:
    return value in SIGNS.get(text.strip(), {currency_in(text) or text})


def _same_stock(value: str, text: str) -> bool:
    return (value in OUT) == (text == "OutOfStock")


def _same_letters(value: str, text: str) -> bool:
    return re.sub(r"[\W_]+", "", value).lower() == re.sub(r"[\W_]+", "", text).lower()


JUDGES: dict[str, Callable[[Any, str], bool]] = {
    "price": _same_price,
    "currency": _same_currency,
    "availability": _same_stock,
    "sku": _same_letters,
    "gtin": _same_letters,
    "brand": _same_letters,
}


def others(data: Path) -> list[str]:
    """What the remaining saved pages yield: no truth, but none may fail."""
    said = []
    pages = [
        *sorted((data / "html_structured_data").rglob("*.html")),
        *sorted((data / "html_chinese_platforms").glob("*.gz")),
    ]
    for path in pages:
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        reading = read_page(body, "http://saved.example/page", content_type="text/html")
        listings = listings_of(reading, platform="", source="bench", captured_at=now(), capture_sha256="")
        first = f"{listings[0].title[:40]} {listings[0].price or ''} {listings[0].currency or ''}" if listings else ""
        said.append(f"{path.parent.name}/{path.name}: {len(listings)} {first}".rstrip())
    return said


def show(result: dict[str, Any]) -> None:
    """Print the measurement."""
    report: CrawlReport = result["report"]
    print(f"pages {result['pages']}, fetched {report.pages}, listings {result['listings']}, {result['seconds']:.1f} s")
    for half, fields in result["fields"].items():
        print(f"\n{half:13} precision  strict  recall   right wrong unjudged truth")
        for field, value in fields.items():
            numbers = " ".join(f"{value.get(name, 0):6d}" for name in ("right", "wrong", "unjudged", "truth"))
            print(f"{field:13} {value['precision']:9.2f} {value['strict']:7.2f} {value['recall']:7.2f}  {numbers}")
    print(f"\n{TOLD_BASELINE}")
    for failure in result["failures"]:
        print(f"- {failure['url'][:100]}: {failure['reason_en']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args().data
    if not (data / "html_product_pages").is_dir():
        print(f"skipped: no html_product_pages at {data}")
        return
    show(run(data))
    for line in others(data):
        print(line)


if __name__ == "__main__":
    main()
