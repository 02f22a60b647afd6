"""The demo's market is complete, drawn the same at every run, and its shops answer over HTTP."""

import json
import re
import urllib.error
import urllib.request

import pytest

from jianzhen.demo.market import Market, read_market
from jianzhen.demo.shop_server import ShopServer


@pytest.fixture(scope="module")
def market() -> Market:
    return read_market()


def test_ids_are_unique_and_references_lead_somewhere(market: Market) -> None:
    ids = [listing["id"] for shop in market.shops for listing in shop["listings"]]
    assert len(ids) == len(set(ids)) >= 50
    marks, goods = ({row[key] for row in rows} for rows, key in ((market.marks, "mark_id"), (market.goods, "goods_id")))
    assert {row["mark_id"] for row in (*market.goods, *market.authorised)} <= marks
    named = {str(each["picture"]).partition(":")[2] for each in market.listings.values() if "picture" in each}
    assert named <= goods
    assert {row["商品编号"] for row in market.waybills if "商品编号" in row} <= set(ids)


def test_pictures_are_the_same_at_every_run(market: Market) -> None:
    again = read_market()
    assert again.official == market.official
    assert again.picture("L201") == market.picture("L201")
    assert market.picture("L101") != market.picture("L102")


def test_shops_show_structured_data_a_sitemap_and_pictures(market: Market) -> None:
    with ShopServer(market) as shops:
        pages = {path: fetch(shops.address + path) for path in ("/", "/robots.txt", "/sitemap.xml", "/shop/zhekou")}
        item, picture = (
            fetch(f"{shops.address}/item/L201.html"),
            urllib.request.urlopen(f"{shops.address}/picture/L201"),  # noqa: S310
        )
        with pytest.raises(urllib.error.HTTPError) as missing:
            fetch(f"{shops.address}/item/nothing.html")
        missing.value.close()
        with picture:
            assert picture.headers["Content-Type"] == "image/jpeg"
    assert pages["/sitemap.xml"].count("<loc>") == len(market.listings)
    found = re.search(r'ld\+json">(.*?)</script>', item)
    assert found
    record = json.loads(found.group(1))
    assert (record["sku"], record["offers"]["price"]) == ("L201", "39.90")


def fetch(address: str) -> str:
    with urllib.request.urlopen(address) as answer:  # noqa: S310
        return answer.read().decode()
