"""Prices against the market on real shops: `python -m bench.peer_quality --data DIR`. Two parts, where their data is.

Lipsticks of many resellers, against each other: how large groups of real sellers are, and what lies lowest in them.
Ten daily snapshots of 17 brands' shops over 双11.

Each day's listings are compared with every listing's newest state by then, and with their own earlier days. Told for
three readings of the same prices: as sold (one flagship shop a brand: one voice, so peers must stay silent), every
listing a seller of its own (the hardest case for peers that the data allows), and that again with the days moved to
ordinary weeks in March, to see what the sale calendar does. Price-flagged is any price finding that speaks for.
"""

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench.quality import nsi_marks
from detectors.price import PriceDetector
from detectors.price.peer_offers import PeerReader
from detectors.price.peers import PeerCounts, PeerPrices
from detectors.triage import assess
from models.context import Context
from models.findings import EarlierPrice, Finding, Observation, Stance
from models.moments import SHANGHAI
from models.registry import Mark, Registry
from models.subjects import Listing, Seller

SHOWN = 50
READINGS = ("as sold", "each listing a seller", "each listing a seller, on ordinary days")
TO_MARCH = timedelta(days=-240)


@dataclass
class Day:
    """What was said on one day."""

    listings: int = 0
    compared: int = 0  # with at least twenty other sellers
    supported: int = 0  # with so many that a low price could be told
    flagged: int = 0
    leads: int = 0
    facts: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Run every reading on the data in that folder, where it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args().data
    resellers(data)
    table = data / "zh_taobao_beauty_1111" / "listings.csv"
    if not table.is_file():
        print("skipped: zh_taobao_beauty_1111 is absent")
        return
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for reading in READINGS:
        days, said = measure(rows, reading)
        show(reading, days, said)


def resellers(data: Path) -> None:
    """Lipsticks of many shops among real brands, as one scan sees them."""
    table, brands = data / "zh_taobao_lipstick_2022" / "listings.csv", data / "brands_nsi" / "brands.csv"
    if not table.is_file() or not brands.is_file():
        print("skipped: zh_taobao_lipstick_2022 or brands_nsi is absent")
        return
    marks = (
        Mark(mark_id=row[0], text=row[1], aliases=tuple(filter(None, row[5].split(";")))) for row in nsi_marks(brands)
    )
    registry = Registry(marks=tuple(marks))
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = {tuple(row.values()): row for row in csv.DictReader(file)}  # the source lists most goods twice
    at = datetime(2022, 10, 8, 12, tzinfo=SHANGHAI)  # no sale, so that nothing is excused
    listings = {str(number): _lipstick(number, row, at) for number, row in enumerate(rows.values())}
    reader = PeerReader(registry)
    peers = _peers(reader, listings)
    context = Context(registry=registry, as_of=at, snapshots={"peers": peers})
    day, said = Day(listings=len(listings)), list[tuple[float, str]]()
    answers = PriceDetector().detect([Observation(one) for one in listings.values()], context)
    for listing, found in zip(listings.values(), answers, strict=True):
        _count(day, said, listing, found, context, reader, peers)
    groups, voices = peers.sizes
    print(f"{voices} voices in {groups} groups")
    show("lipsticks of many shops", {"2022": day}, said)


def _lipstick(number: int, row: Mapping[str, str], at: datetime) -> Listing:
    price = Decimal(row["price_cny"]) if row["price_cny"] else None
    seller = Seller(name=row["shop"])
    return Listing(
        listing_id=str(number),
        platform="taobao",
        title=row["title"] or "-",
        price=price,
        currency="CNY",
        category="口红",
        seller=seller,
        captured_at=at,
    )


def measure(rows: list[dict[str, str]], reading: str) -> tuple[dict[str, Day], list[tuple[float, str]]]:
    """Figures by day, and what there is to look at: flagged listings first, then the lowest among twenty or more."""
    registry = Registry(
        marks=tuple(Mark(mark_id=brand, text=brand) for brand in sorted({r["shop_brand"] for r in rows}))
    )
    reader, detector = PeerReader(registry), PriceDetector()
    by_day: dict[datetime, list[Listing]] = defaultdict(list)
    for row in rows:
        listing = _listing(row, reading)
        if listing.captured_at is not None:
            by_day[listing.captured_at].append(listing)
    newest: dict[str, Listing] = {}
    past: dict[str, list[EarlierPrice]] = defaultdict(list)
    days: dict[str, Day] = {}
    said: list[tuple[float, str]] = []
    for at in sorted(by_day):
        today = {listing.listing_id: listing for listing in by_day[at]}
        newest |= today
        peers = _peers(reader, newest)
        context = Context(registry=registry, as_of=at, snapshots={"peers": peers})
        observations = [Observation(one, earlier=tuple(past[name])) for name, one in today.items()]
        day = days[at.date().isoformat()] = Day(listings=len(today))
        for observation, found in zip(observations, detector.detect(observations, context), strict=True):
            if isinstance(observation.subject, Listing):
                _count(day, said, observation.subject, found, context, reader, peers)
        for name, one in today.items():
            if one.price:
                past[name].append(EarlierPrice(at, one.price, "CNY"))
    return days, said


def _listing(row: Mapping[str, str], reading: str) -> Listing:
    day = datetime.strptime(row["date"], "%Y/%m/%d").replace(hour=12, tzinfo=SHANGHAI)
    return Listing(
        listing_id=row["item_id"],
        platform="tmall",
        title=row["title"],
        price=Decimal(row["price_cny"]),
        currency="CNY",
        brand=row["shop_brand"],
        sales=int(row["sale_count"]) if row["sale_count"] else None,
        seller=Seller(name=row["shop_brand"]) if reading == "as sold" else Seller(),
        captured_at=day + TO_MARCH if reading.endswith("ordinary days") else day,
    )


def _peers(reader: PeerReader, newest: Mapping[str, Listing]) -> PeerPrices:
    offers = (reader.read(listing) for listing in newest.values())
    return PeerCounts().add_all(offer for offer in offers if offer is not None).prices()


def _count(
    day: Day,
    said: list[tuple[float, str]],
    listing: Listing,
    found: list[Finding],
    context: Context,
    reader: PeerReader,
    peers: PeerPrices,
) -> None:
    offer = reader.read(listing)
    standing = peers.standing(offer) if offer is not None else None
    day.compared += standing is not None and standing.sellers >= 20
    day.supported += standing is not None and standing.sellers >= 59
    speaking = sorted({finding.fact for finding in found if finding.stance is Stance.FOR})
    day.flagged += bool(speaking)
    day.facts.update(speaking)
    day.leads += assess(tuple(found), context.registry, context.as_of, listing).flagged
    told = f"{context.as_of:%m-%d} {listing.price} {listing.title}"
    if speaking:
        usual = next((finding.reference_value for finding in found if finding.stance is Stance.FOR), "")
        said.append((-1000.0, f"{','.join(speaking)} | {told} | against {usual}"))
    elif standing is not None and standing.sellers >= 20 and standing.ratio < 1:
        said.append((standing.deviations, f"not told, {standing.ratio:.2f} of {standing.sellers} sellers | {told}"))


def show(reading: str, days: Mapping[str, Day], said: list[tuple[float, str]]) -> None:
    """Print the figures of one reading, and the listings to look at."""
    print(f"\n## {reading}")
    shares = []
    for name, day in days.items():
        shares.append(day.flagged / day.listings)
        facts = ", ".join(f"{fact} {count}" for fact, count in day.facts.most_common())
        print(
            f"{name}: {day.listings} listings, {day.compared} among 20 sellers, {day.supported} among 59; "
            f"price-flagged {day.flagged} ({shares[-1]:.2%}), leads {day.leads}  {facts}"
        )
    twice = max(shares) <= 2 * min(shares)
    print(f"most {max(shares):.2%}, least {min(shares):.2%}; at most 1 %: {max(shares) <= 0.01}; within twice: {twice}")
    for told in _look(said):
        print("  " + told)


def _look(said: list[tuple[float, str]]) -> Iterator[str]:
    for _, told in sorted(said)[:SHOWN]:
        yield told


if __name__ == "__main__":
    main()
