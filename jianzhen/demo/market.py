"""The demo's market as data: marks, goods, shops, listings and waybills from world.toml, and their pictures.

Owns reading `world.toml` and writing the files that a rights holder and a carrier would hand in. What the shops show is
`shop_server`'s.
"""

import csv
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from jianzhen.demo.pictures import copy_goods, draw_goods, photograph_goods

MARK_COLUMNS = ("mark_id", "text", "holder", "nice_classes", "kind", "aliases", "registration_no", "fame")
GOODS_COLUMNS = ("goods_id", "mark_id", "name", "specification", "reference_price", "currency", "images")
AUTHORISED_COLUMNS = ("mark_id", "platform", "seller_name")


@dataclass(frozen=True)
class Market:
    """The tables of world.toml."""

    marks: Sequence[Mapping[str, str]]
    goods: Sequence[Mapping[str, str]]
    authorised: Sequence[Mapping[str, str]]
    shops: Sequence[Mapping[str, Any]]
    waybills: Sequence[Mapping[str, Any]]

    @cached_property
    def listings(self) -> dict[str, Mapping[str, Any]]:
        """Every listing by id, with its shop."""
        return {listing["id"]: {**listing, "shop": shop} for shop in self.shops for listing in shop["listings"]}

    @cached_property
    def official(self) -> dict[str, bytes]:
        """The official picture (PNG) of each goods."""
        texts = {mark["mark_id"]: mark["text"] for mark in self.marks}
        return {
            goods["goods_id"]: draw_goods(goods["goods_id"], _kind_of(goods["name"]), _latin(texts[goods["mark_id"]]))
            for goods in self.goods
        }

    def picture(self, listing_id: str) -> tuple[str, bytes]:
        """The picture a listing shows: (media type, bytes)."""
        listing = self.listings[listing_id]
        source, _, goods_id = str(listing.get("picture", "own")).partition(":")
        if source == "own":
            return "image/png", photograph_goods(listing_id, _kind_of(listing["category"]))
        return "image/jpeg", copy_goods(self.official[goods_id], banner=source == "banner")


def read_market() -> Market:
    """The market of world.toml."""
    table = tomllib.loads(resources.files("jianzhen.demo").joinpath("world.toml").read_text("utf-8"))
    return Market(**table)


def write_registry(market: Market, folder: Path) -> None:
    """marks.csv, goods.csv with official pictures, authorised.csv: what rights holders hand in."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for goods_id, picture in market.official.items():
        (folder / "pictures" / f"{goods_id}.png").write_bytes(picture)
    goods = [{**row, "currency": "CNY", "images": f"pictures/{row['goods_id']}.png"} for row in market.goods]
    _write_csv(folder / "marks.csv", MARK_COLUMNS, market.marks)
    _write_csv(folder / "goods.csv", GOODS_COLUMNS, goods)
    _write_csv(folder / "authorised.csv", AUTHORISED_COLUMNS, [{"platform": "", **row} for row in market.authorised])


def write_waybills(market: Market, file: Path, listing_ids: Mapping[str, str]) -> None:
    """The carrier's own export, personal data and all. `listing_ids` maps the market's ids to those the crawl found."""
    columns = list(dict.fromkeys(name for row in market.waybills for name in row))
    rows = [
        {
            **row,
            "商品编号": listing_ids.get(row.get("商品编号", ""), ""),
            "轨迹": json.dumps(row["轨迹"], ensure_ascii=False),
        }
        for row in market.waybills
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    _write_csv(file, columns, rows)


def _write_csv(file: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _kind_of(text: str) -> str:
    kinds = {"纸尿裤": "母婴", "矿泉水": "饮用水", "绿茶": "茶叶", "跑步鞋": "运动", "耳机": "数码", "刀": "厨具"}
    named = next((kind for word, kind in kinds.items() if word in text), "")
    return named or next((kind for kind in ("母婴", "饮用水", "茶叶", "运动", "数码", "厨具") if kind in text), "")


def _latin(text: str) -> str:
    return text if text.isascii() else ""
