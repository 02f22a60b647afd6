"""False alarms on real titles: `python -m bench.false_alarms --data DIR [--out FOLDER] [--judged FILE]`.

Screens 13,000 real titles (two sets of Taobao titles, one of JD) against 15,000 real brands and the labelled set's own
marks, and says how many of a thousand are flagged. None of these sellers is known to have done anything: every flagged
title is written to `false-alarms.csv` for a person to read. Most that are flagged may be true: the titles hold altered
names too. Who has read them gives the reading as `--judged`, a table `piece,name,kind`, and gets the counts by kind.

Two more lists are screened from both ends: lawful neighbours (names of different houses that differ by a letter or two)
as hard negatives, and look-alikes that the press reported, which should all be found.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bench.quality import AS_OF, write_marks

TITLES = ("zh_taobao_ner_brand", "zh_jd_industrial", "zh_taobao_lipstick_2022")
COLUMNS = ("listing", "score", "fact", "piece", "name", "nearness", "against", "title")
AS_REGISTERED = ("identical-mark", "alias-mark")
ALTERED = "altered name"  # the kind that is no false alarm

Row = dict[str, Any]


def main() -> None:
    """Run every part whose data is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="where the flagged titles are kept")
    parser.add_argument("--judged", type=Path, help="what a person read in them: piece,name,kind")
    given = parser.parse_args()
    if not (given.data / "brands_nsi" / "brands.csv").is_file():
        print("skipped: brands_nsi is absent")
        return
    with tempfile.TemporaryDirectory(prefix="jianzhen-alarms-") as folder:
        out: Path = given.out or Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        marks = Path(folder) / "marks.csv"
        print(f"marks: {write_marks(marks, given.data)}")
        real_titles(given.data, Path(folder), out, given.judged)
        neighbours(given.data, Path(folder))
        reported(given.data, Path(folder))


def real_titles(data: Path, folder: Path, out: Path, judged: Path | None) -> None:
    """Real titles, set by set, and all that are flagged in one table."""
    kinds = read_judged(judged)
    told, total, flagged = Counter[str](), 0, list[Row]()
    for name in TITLES:
        if not (data / name).is_dir():
            print(f"skipped: {name} is absent")
            continue
        leads = scan(folder, listings(data, name))
        rows = [alarm(lead) for lead in leads if lead["flagged"]]
        told.update(kinds.get((row["piece"], row["name"]), "unread") for row in rows)
        false = sum(kinds.get((row["piece"], row["name"])) != ALTERED for row in rows)
        print(
            f"{name}: {per_thousand(len(rows), len(leads))}; read as no altered name: {per_thousand(false, len(leads))}"
        )
        total, flagged = total + len(leads), [*flagged, *rows]
    false = sum(kinds.get((row["piece"], row["name"])) != ALTERED for row in flagged)
    print(f"all: {per_thousand(len(flagged), total)}; read as no altered name: {per_thousand(false, total)}")
    print("by kind:", ", ".join(f"{kind} {count}" for kind, count in told.most_common()))
    with (out / "false-alarms.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(sorted(flagged, key=lambda row: (row["piece"], row["listing"])))
    print(f"flagged titles: {out / 'false-alarms.csv'}")


def neighbours(data: Path, folder: Path) -> None:
    """Lawful neighbours: one name as a title, the registry holding the other alone, then both. Goods unknown."""
    table = data / "brands_coexisting_lookalikes" / "pairs.csv"
    if not table.is_file():
        print("skipped: brands_coexisting_lookalikes is absent")
        return
    with table.open(encoding="utf-8", newline="") as file:
        pairs = [(row["a"], row["b"]) for row in csv.DictReader(file) if row["a"].casefold() != row["b"].casefold()]
    other = [mark(f"b{n}", b) for n, (_, b) in enumerate(pairs)]
    both = [*other, *(mark(f"a{n}", a) for n, (a, _) in enumerate(pairs))]
    titles = [{"listing_id": str(n), "platform": "bench", "title": a} for n, (a, _) in enumerate(pairs)]
    for said, rows in (("the other alone in the registry", other), ("both in the registry", both)):
        flagged = sum(lead["flagged"] for lead in scan(folder, titles, rows))
        print(f"lawful neighbours, {said}: {flagged} of {len(pairs)} flagged ({flagged / len(pairs):.1%})")


def reported(data: Path, folder: Path) -> None:
    """Look-alikes that the press reported: where a lookup ranks the genuine mark, and whether a title is flagged."""
    table = data / "lookalike_marks_reported" / "pairs.csv"
    if not table.is_file():
        print("skipped: lookalike_marks_reported is absent")
        return
    with table.open(encoding="utf-8", newline="") as file:
        pairs = [(row["genuine"], row["lookalike"]) for row in csv.DictReader(file)]
    with (folder / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    known = {row[1]: row for row in rows}
    added = [mark(f"reported-{n}", name) for n, name in enumerate(sorted({name for name, _ in pairs} - set(known)))]
    known |= {row[1]: row for row in added}
    write(folder / "reported.csv", [*rows, *added])
    (folder / "texts.txt").write_text("".join(f"{name}\n" for _, name in pairs), "utf-8")
    hits = folder / "hits.jsonl"
    jianzhen(folder, "lookup", "--marks", str(folder / "reported.csv"), "--texts", str(folder / "texts.txt"),
             "--out", str(hits), "--top", "10")  # fmt: skip
    ranked = [[hit["mark_id"] for hit in json.loads(line)["hits"]] for line in hits.read_text("utf-8").splitlines()]
    wanted = [known[genuine][0] for genuine, _ in pairs]
    first = sum(found[:1] == [mark_id] for found, mark_id in zip(ranked, wanted, strict=True))
    ten = sum(mark_id in found for found, mark_id in zip(ranked, wanted, strict=True))
    titles = [title(n, name, known[genuine][3]) for n, (genuine, name) in enumerate(pairs)]
    leads = {lead["listing_id"]: lead for lead in scan(folder, titles, [*rows, *added])}
    flagged = [named(leads[str(n)], mark_id) for n, mark_id in enumerate(wanted)]
    print(f"reported look-alikes: {len(pairs)}; lookup first {first}, among ten {ten}; title flagged {sum(flagged)}")
    for (genuine, name), found, hit, mark_id in zip(pairs, ranked, flagged, wanted, strict=True):
        if not hit or mark_id not in found:
            print(f"  {name} for {genuine}: {'flagged' if hit else 'not flagged'}, "
                  f"{'among ten' if mark_id in found else 'not among ten'}")  # fmt: skip


def named(lead: Row, mark_id: str) -> bool:
    """Whether a lead is flagged and names the mark among its reasons."""
    return lead["flagged"] and any(f["stance"] == "for" and f["mark_id"] == mark_id for f in lead["findings"])


def title(number: int, name: str, classes: str) -> Row:
    """A title made of the name, on goods of the mark's first class where the registry tells one."""
    row: Row = {"listing_id": str(number), "platform": "bench", "title": f"{name} 整箱包邮"}
    return {**row, "nice_class": int(classes.split(";")[0])} if classes else row


def mark(mark_id: str, text: str) -> list[str]:
    """A row of marks.csv of which nothing but the text is known."""
    return [mark_id, text, "", "", "word", ""]


def write(file: Path, rows: Iterable[list[str]]) -> None:
    """Rows as a marks.csv."""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["mark_id", "text", "holder", "nice_classes", "kind", "aliases"])
        writer.writerows(rows)


def scan(folder: Path, titles: Iterable[Row], marks: list[list[str]] | None = None) -> list[Row]:
    """Leads on these titles, by the command itself; against the given marks, or the large registry."""
    registry, source, leads = folder / "marks.csv", folder / "titles.jsonl", folder / "leads.jsonl"
    if marks is not None:
        registry = folder / "few.csv"
        write(registry, marks)
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in titles), "utf-8")
    files = ["--marks", str(registry), "--listings", str(source), "--out", str(leads)]
    jianzhen(folder, "scan", *files, "--as-of", AS_OF)
    known = {row["listing_id"]: row["title"] for row in map(json.loads, source.read_text("utf-8").splitlines())}
    told = [json.loads(line) for line in leads.read_text("utf-8").splitlines()]
    return [{**lead, "title": known[lead["listing_id"]]} for lead in told]


def jianzhen(folder: Path, *arguments: str) -> None:
    """Run the command itself, its data in that folder and its own report unseen."""
    environment = {**os.environ, "JIANZHEN_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-m", "jianzhen", *arguments]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def alarm(lead: Row) -> Row:
    """A flagged title as a row to read: its nearest sight of a mark, or the first reason where no mark is near."""
    reasons = [f for f in lead["findings"] if f["stance"] == "for"]
    altered = [f for f in reasons if f["detector"] == "trademark" and f["fact"] not in AS_REGISTERED]
    best = max(altered or reasons, key=lambda f: (f["mark_id"] == lead.get("mark_id"), f["score"]))
    against = [f["fact"] for f in lead["findings"] if f["stance"] == "against" and f["mark_id"] == best["mark_id"]]
    values = (lead["listing_id"], lead["score"], best["fact"], best["subject_value"], best["reference_value"])
    more = (best["score"], " ".join(against), lead["title"])
    return dict(zip(COLUMNS, (*values, *more), strict=True))


def listings(data: Path, name: str) -> Iterator[Row]:
    """The titles of one set as listings."""
    if name == "zh_taobao_ner_brand":
        for part in ("train", "dev"):
            for number, line in enumerate((data / name / f"{part}.jsonl").read_text("utf-8").splitlines()):
                yield {"listing_id": f"{name}-{part}-{number}", "platform": "taobao", "title": json.loads(line)["text"]}
        return
    lipstick = name == "zh_taobao_lipstick_2022"
    with (data / name / "listings.csv").open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            listing: Row = {"listing_id": f"{name}-{number}", "title": row["title"], "seller": {"name": row["shop"]}}
            yield {**listing, "platform": "taobao" if lipstick else "jd", "category": "美妆/口红" if lipstick else ""}


def read_judged(file: Path | None) -> dict[tuple[str, str], str]:
    """Kinds by piece and name; nothing where no file is given."""
    if file is None:
        return {}
    with file.open(encoding="utf-8", newline="") as lines:
        return {(row["piece"], row["name"]): row["kind"] for row in csv.DictReader(lines)}


def per_thousand(count: int, total: int) -> str:
    """`12 of 4,104 (2.9 per 1,000)`."""
    return f"{count} of {total:,} ({1000 * count / max(1, total):.1f} per 1,000)"


if __name__ == "__main__":
    main()
