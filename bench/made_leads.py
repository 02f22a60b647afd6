"""Leads made for benches of the queue: most on one mark and some on two, seen by one to three detectors."""

import random
from datetime import timedelta

from bench.store import AT
from models.findings import Evidence, Finding, Stance, signed
from models.identity import screening_key
from models.leads import Assessment, Cell, Contribution, Flip, Screening
from models.subjects import Listing, Seller

PLATFORMS = ("taobao", "jd", "pdd", "douyin", "kuaishou", "xianyu")
DETECTORS = ("trademark", "price", "pictures")
PLACES = ("浙江 杭州", "福建 泉州", "广东 广州", "", "山东 临沂")


def made(number: int, chance: random.Random, cell: Cell, platform: str, marks: int, registry: str) -> Screening:
    """One flagged screening."""
    subject = Listing(
        listing_id=f"i-{number}",
        platform=platform,
        title=f"晴川 护手霜 {number}",
        category=f"类目{number % 12} > 细目",
        seller=Seller(id=f"s-{number}", name=f"白鹭泉小店{number % 97}", location=PLACES[number % len(PLACES)]),
        captured_at=AT,
        capture_sha256="a" * 64 if number % 3 == 0 else "",
    )
    first = int(marks * chance.random() ** 2)  # a few marks have most of the leads
    named = [first, int(marks * chance.random())] if chance.random() < 0.2 else [first]
    seen = [(mark, detector) for mark in named for detector in DETECTORS[: chance.choice((1, 1, 2, 3))]]
    findings = tuple(_finding(subject, f"m-{mark}", detector) for mark, detector in seen)
    return Screening(
        screening_key=screening_key(subject.observation_id, "rules", "context"),
        observation_id=subject.observation_id,
        subject=subject,
        registry_version=registry,
        rules_version="r",
        context_version="c",
        assessment=Assessment(
            flagged=True,
            score=round(chance.uniform(2, 40), 2),
            cell=cell,
            mark_id=f"m-{first}",
            contributions=tuple(
                Contribution(finding_id=each.finding_id, fact=each.fact, weight=5, points=4.5) for each in findings
            ),
            flips=(Flip(condition="licensed", score=0.4, flagged=False),),
        ),
        findings=findings,
        screened_at=AT + timedelta(seconds=number),
    )


def _finding(subject: Listing, mark_id: str, detector: str) -> Finding:
    evidence = Evidence(fact="similar-shape", stance=Stance.FOR, score=0.9, field="title", mark_id=mark_id, span=(0, 2))
    return signed(evidence, subject, detector=detector, version="1")
