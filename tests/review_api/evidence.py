"""What detectors would have found, in short, and the screening that a worker would have written for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from detectors.triage import assess, rules_version
from models.findings import Evidence, Finding, Parameter, Stance, signed
from models.identity import screening_key
from models.leads import Screening
from models.moments import start_of_day
from models.registry import Registry
from models.subjects import AnySubject, Listing


def screening(
    subject: AnySubject, evidence: Sequence[tuple[str, Evidence]], registry: Registry, *, at: datetime
) -> Screening:
    """What the screening worker would have written for these findings."""
    findings = tuple(_finding(subject, detector, each) for detector, each in evidence)
    as_of = start_of_day(at)
    assessment = assess(findings, registry, as_of, subject)
    context_version = f"context {as_of.date()}"
    return Screening(
        screening_key=screening_key(subject.observation_id, rules_version(), context_version),
        observation_id=subject.observation_id,
        subject=subject,
        registry_version=registry.version,
        rules_version=rules_version(),
        context_version=context_version,
        assessment=assessment,
        findings=findings,
        screened_at=at,
    )


def fact(
    name: str,
    *,
    score: float = 1.0,
    mark: str | None = None,
    against: bool = False,
    at: str = "title",
    seen: str = "",
    reference: str = "",
    span: tuple[int, int] | None = None,
    goods: str | None = None,
    params: Mapping[str, Parameter] | None = None,
) -> Evidence:
    """One finding in short."""
    return Evidence(
        fact=name,
        stance=Stance.AGAINST if against else Stance.FOR,
        score=score,
        field=at,
        mark_id=mark,
        goods_id=goods,
        subject_value=seen,
        reference_value=reference,
        span=span,
        params=tuple((params or {}).items()),
    )


def span_of(listing: Listing, words: str) -> tuple[int, int]:
    start = listing.title.index(words)
    return start, start + len(words)


def _finding(subject: AnySubject, detector: str, evidence: Evidence) -> Finding:
    return signed(evidence, subject, detector=detector, version="1.0")
