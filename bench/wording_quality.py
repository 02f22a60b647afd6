"""How often the wording rules speak on real titles: `python -m bench.wording_quality --data DIR [--show]`.

Owns counting, over every distinct title with its shop's name, on how many of them each rule is told and how many were
passed over as denied or honest. The titles are of shops that nobody accuses, so a rule that is told often is a rule
that says little. `--show` prints what was told, for a person to read.
"""

import argparse
import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from detectors.wording import WordingDetector
from models.context import Context
from models.findings import Finding, Observation
from models.registry import Registry
from models.subjects import Listing, Seller

TABLES = (  # set, table, columns of title and shop
    ("zh_taobao_lipstick_2022", "listings.csv", "title", "shop"),
    ("zh_taobao_beauty_1111", "listings.csv", "title", "shop_brand"),
    ("zh_jd_industrial", "listings.csv", "title", "shop"),
    ("zh_jd_books", "listings.csv", "title", ""),
    ("zh_tmall_2019", "listings.csv", "title", "shop"),
    ("zh_gi_listings", "gi_listings.csv", "title", "shop"),
    ("zh_jd_items_brand", "items.csv", "title", ""),
    ("zh_taobao_ner_brand", "train.jsonl", "text", ""),
    ("zh_taobao_ner_brand", "dev.jsonl", "text", ""),
)
CONTEXT = Context(registry=Registry(), as_of=datetime(2026, 1, 1, tzinfo=UTC))
WARM = 200


def main() -> None:
    """Print how many titles each rule was told of, and the titles read in a second of one core."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print every finding with its title")
    given = parser.parse_args()
    observations = [Observation(listing) for listing in listings(given.data)]
    detector = WordingDetector()
    detector.detect(observations[:WARM], CONTEXT)
    started = process_time()
    found = detector.detect(observations, CONTEXT)
    took = process_time() - started
    told = Counter((finding.stance.value, rule_of(finding)) for findings in found for finding in findings)
    print(f"{len(observations)} distinct titles, {len(observations) / took:,.0f} a second of one core")
    print(f"load average {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    for (stance, rule), count in sorted(told.items()):
        print(f"{count:6}  {1000 * count / len(observations):7.3f} in 1,000  {stance:8} {rule}")
    for observation, findings in zip(observations, found, strict=True):
        for finding in findings if given.show else ():
            subject = observation.subject
            title = subject.title if isinstance(subject, Listing) else ""
            print(f"{rule_of(finding)}\t{finding.field}\t{finding.score:.2f}\t{finding.subject_value}\t{title}")


def rule_of(finding: Finding) -> str:
    return str(finding.params.get("rule", finding.fact))


def listings(data: Path) -> Iterator[Listing]:
    """Every distinct title once, with the shop's name where the set has it."""
    seen: set[str] = set()
    for name, table, title, shop in TABLES:
        for row in rows(data / name / table):
            text = row.get(title, "")
            if text and text not in seen:
                seen.add(text)
                yield Listing(
                    listing_id=str(len(seen)), platform=name, title=text, seller=Seller(name=row.get(shop, ""))
                )


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".csv":
            yield from csv.DictReader(file)
        else:
            yield from (json.loads(line) for line in file)


if __name__ == "__main__":
    main()
