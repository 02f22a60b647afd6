"""Reducing a place to its administrative division: province, prefecture and, where asked, county; nothing finer.

Owns the reading of addresses and place names. Only names from the table beside this module leave it, so a person's name
or a street cannot; a county is the one part read by its form, right behind its prefecture.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

PEOPLES = "藏|回|彝|苗|壮|白|傣|侗|羌|布依|土家|朝鲜|蒙古|景颇|傈僳|哈尼|哈萨克|柯尔克孜"
SUFFIX = re.compile(rf"(?:(?:{PEOPLES})族?)*自治州$|(?:市|地区|盟)$")
MUNICIPALITIES = ("北京市", "天津市", "上海市", "重庆市")
COUNTY = re.compile(r"(?:市辖区)?([一-龥]{1,6}?(?:新区|自治县|区|县|市|旗))")


@dataclass(frozen=True)
class Divisions:
    """Names by what a text may say: provinces by short name, prefectures by name without suffix, countries."""

    provinces: dict[str, str]
    cities: dict[str, tuple[str, str]]
    countries: dict[str, str]


@cache
def divisions() -> Divisions:
    """The table beside this module."""
    table = tomllib.loads(resources.files("jianzhen.carrier").joinpath("divisions.toml").read_text("utf-8"))
    cities = {
        short: (city, entry["name"])
        for entry in table["provinces"].values()
        for city in entry["cities"]
        if len(short := SUFFIX.sub("", city)) >= 2
    }
    countries = {alias: name for name, aliases in table["countries"].items() for alias in aliases}
    return Divisions({short: entry["name"] for short, entry in table["provinces"].items()}, cities, countries)


def reduce_place(text: str, *, county: bool = False) -> str:
    """The administrative division a text names, e.g. `浙江省杭州市` or `日本`; empty when it names none."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    province, rest = _province(plain)
    city, behind = _city(rest if province else plain, province)
    if city:
        found = city[1] + city[0]
    elif province:
        found, behind = province, rest
    else:
        return _country(plain)
    reached = city or province in MUNICIPALITIES
    return found + (_county(behind) if county and reached else "")


def _province(text: str) -> tuple[str, str]:
    """The province that is named first, and what stands behind its name."""
    places = [(text.find(short), -len(short), short) for short in divisions().provinces if short in text]
    for place, _, short in sorted(places):
        name = divisions().provinces[short]
        # A prefecture elsewhere may carry a province's name: 海南藏族自治州 lies in 青海.
        if any(text.startswith(city, place) and owner != name for city, owner in divisions().cities.values()):
            continue
        end = place + len(name) if text.startswith(name, place) else place + len(short)
        return name, text[end:].removeprefix("省").removeprefix("市")
    return "", text


def _city(text: str, province: str) -> tuple[tuple[str, str] | None, str]:
    """The first prefecture named (of that province, when one is known), and what stands behind it."""
    found: tuple[int, int, str] | None = None
    for short, (_, owner) in divisions().cities.items():
        place = text.find(short)
        # 朝阳区 is a county of another prefecture, 南京路 a street.
        if place < 0 or text[place + len(short) :][:1] in ("区", "县", "路", "街") or (province and owner != province):
            continue
        if found is None or (place, -len(short)) < found[:2]:
            found = (place, -len(short), short)
    if found is None:
        return None, text
    short = found[2]
    city = divisions().cities[short]
    end = found[0] + (len(city[0]) if text.startswith(city[0], found[0]) else len(short))
    return city, text[end:].removeprefix("市")


def _county(text: str) -> str:
    match = COUNTY.match(text)
    return match.group(1) if match else ""


def _country(text: str) -> str:
    folded = text.casefold()
    for alias, name in divisions().countries.items():
        if alias.replace(" ", "") in folded:
            return name
    return ""
