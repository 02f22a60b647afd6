"""Reading pages without a network: each kind of markup, and what damaged or misleading pages do."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.pages import PageProduct, listings_of, read_page
from crawlers.pages.listings import listing_id
from crawlers.pages.products import valid_gtin
from models.subjects import Listing
from tests.crawlers.shop import fixture, gbk_page, goods_page

URL = "http://shop.example/page.html"


def read(text: str | bytes, url: str = URL, content_type: str = "text/html; charset=utf-8") -> list[Listing]:
    body = text if isinstance(text, bytes) else text.encode()
    reading = read_page(body, url, content_type=content_type)
    return listings_of(
        reading, platform="", source="test", captured_at=datetime(2026, 3, 1, tzinfo=UTC), capture_sha256="0" * 64
    )


def with_json_ld(*scripts: str, body: str = "<h1>晴川 洗衣液</h1>") -> str:
    written = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return f"<html><head><title>晴川 洗衣液</title>{written}</head><body>{body}</body></html>"


def test_json_ld() -> None:
    page = goods_page("晴川 洗发水", "QC-1001", "29.90").replace("{base}", "http://shop.example")
    listing = read(page)[0]
    assert listing.listing_id == "QC-1001", "the shop's own number, which its address carries"
    assert (listing.title, listing.price, listing.currency) == ("晴川 洗发水", Decimal("29.90"), "CNY")
    assert (listing.brand, listing.sku, listing.gtin) == ("晴川", "QC-1001", "6901234567892")
    assert (listing.availability, listing.condition, listing.seller.name) == ("InStock", "new", "晴川官方旗舰店")
    assert listing.images == ("http://shop.example/pictures/QC-1001.jpg",)
    assert listing.capture_sha256 == "0" * 64
    assert listing.platform == "shop.example"


def test_microdata() -> None:
    listing = read(fixture("microdata"))[0]
    assert (listing.title, listing.price, listing.currency, listing.brand) == (
        "云朵鹿 保温杯",
        Decimal("89.00"),
        "CNY",
        "云朵鹿",
    )
    assert (listing.sku, listing.availability) == ("YDL-7001", "OutOfStock")
    assert listing.images == ("http://shop.example/p/7001.jpg",)


def test_visible_markup_when_structured_data_are_silent() -> None:
    listing = read(fixture("plain"))[0]
    assert (listing.title, listing.price, listing.currency) == ("晴川 香皂", Decimal("12.50"), "CNY")
    assert (listing.brand, listing.sku, listing.availability) == ("晴川", "778899", "InStock")


def test_structured_data_outrank_what_the_page_shows() -> None:
    script = '{"@type": "Product", "name": "晴川 洗衣液", "offers": {"price": "10.00", "priceCurrency": "CNY"}}'
    listing = read(with_json_ld(script, body='<h1>晴川 洗衣液</h1><div class="price-now">¥99.00</div>'))[0]
    assert listing.price == Decimal("10.00")


def test_a_broken_script_does_not_silence_the_next_and_usual_faults_are_mended() -> None:
    listing = read(fixture("malformed"))[0]
    assert (listing.title, listing.sku, listing.price, listing.currency) == (
        "KESTRELLO Pan",
        "KP-28",
        Decimal("1299.00"),
        "EUR",
    )


def test_a_list_page_yields_its_products() -> None:
    listings = read(fixture("list"))
    assert [(entry.title, entry.price, entry.url) for entry in listings] == [
        ("晴川 洗衣液 2kg", Decimal("29.9"), "http://shop.example/item/q2"),
        ("晴川 洗衣液 3kg", Decimal("39.9"), "http://shop.example/item/q3"),
    ]


def test_a_shelf_of_tiles_without_structured_data_yields_each_tile() -> None:
    listings = read(fixture("shelf"))
    assert [(entry.listing_id, entry.title, entry.price) for entry in listings] == [
        (f"66{n}1", f"晴川 洗发水 {n}00毫升", Decimal(f"{n}9.90")) for n in range(1, 7)
    ]
    assert listings[0].currency == "CNY"
    assert listings[0].images == ("http://img.shop.example/6611.jpg",)
    assert listings[0].url == "http://item.shop.example/6611.html"


def test_related_products_are_not_the_pages_own() -> None:
    script = """{"@type": "Product", "name": "晴川 洗衣液", "offers": {"price": 10, "priceCurrency": "CNY"},
      "isRelatedTo": [{"@type": "Product", "name": "云朵鹿 保温杯", "offers": {"price": 89}}]}"""
    assert [(entry.title, entry.price) for entry in read(with_json_ld(script))] == [("晴川 洗衣液", Decimal(10))]


def test_of_several_products_the_one_that_the_heading_names_is_taken() -> None:
    other = '{"@type": "Product", "name": "云朵鹿 保温杯", "offers": {"price": 89, "priceCurrency": "CNY"}}'
    own = '{"@type": "Product", "name": "晴川 洗衣液", "offers": {"price": 10, "priceCurrency": "CNY"}}'
    assert [entry.title for entry in read(with_json_ld(other, own))] == ["晴川 洗衣液"]


@pytest.mark.parametrize(
    ("offers", "price", "more"),
    [
        ('{"@type": "AggregateOffer", "lowPrice": "12", "highPrice": "35", "priceCurrency": "CNY"}', "12", "12-35"),
        ('[{"price": "7", "priceCurrency": "CNY"}, {"price": "9"}]', "7", None),
        ('{"priceSpecification": {"price": 8.5, "priceCurrency": "CNY"}}', "8.5", None),
        ('{"price": "1.299,00", "priceCurrency": "EUR"}', "1299.00", None),
        ('{"price": 1.299, "priceCurrency": "EUR"}', "1.299", None),
        ('{"price": "¥ 1,299"}', "1299", None),
        ('{"@graph": [], "offers": {"price": "5", "priceCurrency": "CNY"}}', "5", None),
    ],
)  # fmt: skip
def test_prices_of_offers(offers: str, price: str, more: str | None) -> None:
    listing = read(with_json_ld(f'{{"@type": "Product", "name": "晴川 洗衣液", "offers": {offers}}}'))[0]
    assert listing.price == Decimal(price)
    assert listing.attributes.get("price_range") == more


@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=gbk", "text/html; charset=utf-8"])
def test_gbk_pages_even_where_the_server_declares_another_charset(content_type: str) -> None:
    body = gbk_page("白鹭泉 矿泉水", "BLQ500", "3.50").body
    assert isinstance(body, bytes)
    assert read(body, content_type=content_type)[0].title == "白鹭泉 矿泉水"


def test_a_canonical_address_on_another_host_is_not_believed() -> None:
    page = goods_page("晴川 洗发水", "QC-1001", "29.90").replace("{base}", "http://genuine.example")
    assert read(page)[0].url == URL


def test_a_page_about_no_goods_yields_nothing() -> None:
    assert read("<html><body><h1>关于我们</h1><p>电话 400-000-0000, 成立于 1999 年</p></body></html>") == []
    assert read(b"") == []
    assert read(b"\x89PNG\r\n\x1a\n\0\0") == []


def test_the_same_address_gives_the_same_id_whatever_brought_the_visitor() -> None:
    product = PageProduct(name="晴川")
    plain = listing_id(product, "https://www.shop.example/a/b/", alone=True)
    assert (
        plain == listing_id(product, "http://shop.example/a/b?utm_source=x&spm=1.2", alone=True) == "shop.example/a/b"
    )
    assert listing_id(product, "http://shop.example/item.htm?id=5521&spm=1", alone=True) == "5521"
    assert listing_id(product, "http://shop.example/a?colour=red", alone=True) != plain


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("6901234567892", "6901234567892"),
        ("6901234567890", ""),
        ("EAN 4006381333931", "4006381333931"),
        ("", ""),
        ("0000000000000", ""),
    ],
)
def test_gtins_need_their_check_digit(text: str, digits: str) -> None:
    assert valid_gtin(text) == digits


@given(st.text(max_size=300))
def test_no_page_raises(text: str) -> None:
    read(
        f"<html><body>{text}<script type='application/ld+json'>{text}</script></body></html>".encode("utf-8", "replace")
    )


@given(st.binary(max_size=300))
def test_no_bytes_raise(body: bytes) -> None:
    read(body, content_type="text/html")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Product", "Offer", "ItemList", "http://["]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@type",
                    "name",
                    "offers",
                    "price",
                    "url",
                    "image",
                    "sku",
                    "item",
                    "itemListElement",
                    "brand",
                    "hasVariant",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_json_ld_raises(data: object) -> None:
    read(with_json_ld(json.dumps(data), json.dumps({"@type": "Product", "name": "x", "offers": data})))
