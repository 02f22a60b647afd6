"""Quality on real data: `python -m bench.quality --data DIR` (or `make eval DATA=DIR`).

Five parts, each with the command's own code and a figure to compare it with: pages crawled against their ground
truth; 4,104 real listings ingested and screened against 15,000 real brands; labelled listings scanned and evaluated
beside a rapidfuzz baseline made in the same run; quantities read from real titles beside labels made by hand;
false alarms on real titles. Where the data is absent it says so and ends with 0.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib import util
from pathlib import Path
from time import perf_counter

from rapidfuzz import fuzz, process

from bench import specification
from jianzhen.evaluation import Measure, evaluate
from models.formats import ReadLead, Rejects, read_labels, read_leads, read_listings, read_marks
from models.moments import now

AS_OF = "2026-11-01T00:00:00+08:00"
BASELINE_THRESHOLD = 80.0
LIPSTICK_SOURCE = """\
name: taobao-lipstick
owner: bench
kind: feed
platform: taobao
files: [listings.csv]
columns:
  rename:
    {listing_id: row, title: title, price: price_cny, sales: sales_text, seller.name: shop, seller.location: location}
  constants: {currency: CNY, category: 美妆/口红}
"""


def main() -> None:
    """Run every part whose data is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args().data
    if not data.is_dir():
        print(f"skipped: no data at {data}")
        return
    with tempfile.TemporaryDirectory(prefix="jianzhen-quality-") as folder:
        for part in (crawl_quality, real_listings, labelled_listings, read_quantities, false_alarms):
            print(f"\n=== {part.__doc__}", flush=True)
            started = perf_counter()
            part(data, Path(folder))
            print(f"--- {perf_counter() - started:.1f} s", flush=True)


def crawl_quality(data: Path, folder: Path) -> None:
    """Pages crawled over HTTP against their ground truth"""
    if not (data / "html_product_pages").is_dir() or util.find_spec("bench.crawl_quality") is None:
        print("skipped: no pages, or no bench.crawl_quality")
        return
    subprocess.run([sys.executable, "-m", "bench.crawl_quality", "--data", str(data)], check=False)


def false_alarms(data: Path, folder: Path) -> None:
    """13,000 real titles, lawful neighbours and reported look-alikes against real brands: what is flagged"""
    subprocess.run([sys.executable, "-m", "bench.false_alarms", "--data", str(data)], check=False)


def real_listings(data: Path, folder: Path) -> None:
    """4,104 real listings, ingested and screened against real brands"""
    table = data / "zh_taobao_lipstick_2022" / "listings.csv"
    if not table.is_file() or not (data / "brands_nsi" / "brands.csv").is_file():
        print("skipped: zh_taobao_lipstick_2022 or brands_nsi is absent")
        return
    marks = folder / "registry.csv"
    print(f"marks: {write_marks(marks, data)}")
    source, rows = folder / "lipstick.yml", folder / "lipstick.csv"
    source.write_text(LIPSTICK_SOURCE, "utf-8")
    count, distinct = number_rows(table, rows)
    print(f"rows: {count}, of which distinct: {distinct} (the source lists most goods twice)", flush=True)
    jianzhen(folder, "prepare")
    jianzhen(folder, "registry", "import", "--marks", str(marks))
    jianzhen(folder, "ingest", "listings", str(rows), "--source", str(source))
    jianzhen(folder, "worker", "--until-idle")
    listings, leads = folder / "listings.jsonl", folder / "lipstick-leads.jsonl"
    jianzhen(folder, "ingest", "listings", str(rows), "--source", str(source), "--out", str(listings))
    files = ["--marks", str(marks), "--listings", str(listings), "--out", str(leads), "--as-of", AS_OF]
    jianzhen(folder, "scan", *files)
    show_leads(leads)


def number_rows(table: Path, out: Path) -> tuple[int, int]:
    """The table with a row number for an id, which the source lacks; returns how many rows, and how many differ."""
    with table.open(encoding="utf-8-sig", newline="") as file, out.open("w", encoding="utf-8", newline="") as target:
        rows = list(csv.reader(file))
        csv.writer(target).writerows([["row", *rows[0]], *([str(n), *row] for n, row in enumerate(rows[1:], 1))])
    return len(rows) - 1, len({tuple(row) for row in rows[1:]})


def labelled_listings(data: Path, folder: Path) -> None:
    """Labelled listings (scan_dev), with and without authorised sellers, beside rapidfuzz"""
    dev = data / "scan_dev"
    if not (dev / "labels.jsonl").is_file():
        print("skipped: scan_dev is absent")
        return
    for name, authorised in (("with authorised sellers", True), ("without authorised sellers", False)):
        leads = folder / f"dev-{authorised}.jsonl"
        more = ["--authorised", str(dev / "authorised.csv")] if authorised else []
        files = ["--marks", str(dev / "marks.csv"), "--goods", str(dev / "goods.csv"), *more]
        jianzhen(
            folder, "scan", *files, "--listings", str(dev / "listings.jsonl"), "--out", str(leads), "--as-of", AS_OF
        )
        print(f"\n## scan_dev {name}", flush=True)
        jianzhen(folder, "eval", "--leads", str(leads), "--labels", str(dev / "labels.jsonl"))
        show_halves(dev, leads)
    show_baseline(dev)


def show_halves(dev: Path, leads: Path) -> None:
    """Both halves of the labels on their own: a listing is of the tuning half when the SHA-256 of its id, read as a
    number, is even. What the rules were made on is the tuning half; the other shows what they are worth elsewhere."""
    rejects = Rejects()
    labels = list(read_labels(dev / "labels.jsonl", rejects))
    read = {lead.listing_id: lead for lead in read_leads(leads, rejects) if lead.listing_id}
    for half, even in (("tuning", True), ("held-out", False)):
        chosen = [label for label in labels if (sha256(label.listing_id.encode()).digest()[-1] % 2 == 0) is even]
        ids = {label.listing_id for label in chosen}
        mine = {key: lead for key, lead in read.items() if key in ids}
        print(f"{half}: {told(evaluate(chosen, mine).overall)}")


def read_quantities(data: Path, folder: Path) -> None:
    """Quantities read from real titles, beside labels made by hand"""
    specification.report(data)


def show_baseline(dev: Path) -> None:
    """rapidfuzz alone: the best partial_ratio over every mark's text and aliases, flagged from the threshold up."""
    rejects = Rejects()
    names = [
        (name, mark.mark_id) for mark in read_marks(dev / "marks.csv", rejects) for name in (mark.text, *mark.aliases)
    ]
    names = [(name.lower(), mark_id) for name, mark_id in names if len(name) > 1]
    leads = {}
    for listing in read_listings(dev / "listings.jsonl", rejects, intake_at=now()):
        leads[listing.listing_id] = baseline_lead(listing.listing_id, listing.title.lower(), names)
    labels = read_labels(dev / "labels.jsonl", rejects)
    print(f"\n## rapidfuzz partial_ratio, flagged from {BASELINE_THRESHOLD:.0f}")
    print(told(evaluate(labels, leads).overall))


def baseline_lead(listing_id: str, title: str, names: Sequence[tuple[str, str]]) -> ReadLead:
    """One listing as rapidfuzz sees it."""
    best = process.extractOne(title, [name for name, _ in names], scorer=fuzz.partial_ratio)
    score, place = (best[1], best[2]) if best else (0.0, 0)
    finding = {"detector": "trademark", "stance": "for", "mark_id": names[place][1], "score": score / 100}
    flagged = score >= BASELINE_THRESHOLD
    return ReadLead.model_validate(
        {"listing_id": listing_id, "flagged": flagged, "score": score, "findings": [finding]}
    )


def told(measure: Measure) -> str:
    """One line of figures."""
    return (
        f"recall {measure.recall} (any mark {measure.recall_any})  false-positive rate {measure.false_positive_rate}  "
        f"precision {measure.precision}  average precision {measure.average_precision}"
    )


def write_marks(file: Path, data: Path) -> int:
    """brands_nsi and, where present, scan_dev's marks as one marks.csv; returns how many."""
    rows = [*nsi_marks(data / "brands_nsi" / "brands.csv"), *dev_marks(data / "scan_dev" / "marks.csv")]
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["mark_id", "text", "holder", "nice_classes", "kind", "aliases"])
        writer.writerows(rows)
    return len(rows)


def nsi_marks(table: Path) -> Iterator[list[str]]:
    """A brand's name is the mark's text; its other names are aliases."""
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            others = [row["brand_zh"], row["brand_en"], row["brand_zh_hant"], *row["match_names"].split("|")]
            aliases = dict.fromkeys(name.strip() for name in others if name.strip() and name != row["brand"])
            plain = [name for name in aliases if ";" not in name]
            yield [row["nsi_id"], row["brand"], "", "", "word", ";".join(plain)]


def dev_marks(table: Path) -> Iterator[list[str]]:
    """The labelled set's own marks, as they are."""
    if table.is_file():
        with table.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield [row[name] for name in ("mark_id", "text", "holder", "nice_classes", "kind", "aliases")]


def show_leads(leads: Path) -> None:
    """Counts of a leads file: flagged, facts, and the marks found most."""
    lines = [json.loads(line) for line in leads.read_text("utf-8").splitlines()]
    facts = Counter(fact for line in lines for fact in {(f["stance"], f["fact"]) for f in line["findings"]})
    found = Counter(
        (f["mark_id"], f["reference_value"])
        for line in lines
        if line["flagged"]
        for f in line["findings"]
        if f["stance"] == "for"
    )
    flagged = sum(line["flagged"] for line in lines)
    print(f"screened {len(lines)}, flagged {flagged} ({flagged / max(1, len(lines)):.1%})")
    print("facts:", ", ".join(f"{stance} {fact} {count}" for (stance, fact), count in facts.most_common(12)))
    print("marks flagged most:", ", ".join(f"{text} {count}" for (_, text), count in found.most_common(12)))


def jianzhen(folder: Path, *arguments: str) -> None:
    """Run the command itself, its data in that folder."""
    environment = {**os.environ, "JIANZHEN_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, "-m", "jianzhen", *arguments], check=True, env=environment)


if __name__ == "__main__":
    main()
