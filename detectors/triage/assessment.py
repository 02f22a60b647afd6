"""The assessment of one subject: its findings weighed, held against the operating point, and turned over once.

Owns the one answer that a screening stores. Leaves the adding up to `detectors.triage.weighing`, the conditions that
would change it to `detectors.triage.flips`, and the policy to `detectors.triage.rules`.
"""

from collections.abc import Sequence
from datetime import datetime

from detectors.triage.flips import what_would_flip
from detectors.triage.reading import rules
from detectors.triage.rules import Rules
from detectors.triage.weighing import weigh
from models.findings import Finding
from models.leads import Assessment
from models.registry import Registry
from models.subjects import AnySubject

NO_FINDINGS = Assessment(flagged=False, score=0.0)


def assess(
    findings: Sequence[Finding],
    registry: Registry,
    as_of: datetime,
    subject: AnySubject,
    table: Rules | None = None,
) -> Assessment:
    """Weigh one subject's findings by these rules, the shipped ones unless others are given.

    The score is that of the leading mark together with the findings on no mark; findings on other marks are left out
    of it. `exportable` is false unless the leading mark is registered and within its dates on the Shanghai day of
    `as_of`. Raises `ConfigurationError` for a fact without a weight or a mark that the registry does not hold.
    """
    if not findings:
        return NO_FINDINGS
    table = table or rules()
    weighing = weigh(findings, registry, table)
    mark = weighing.mark
    return Assessment(
        flagged=weighing.score >= table.operating_point(subject.key.kind),
        score=weighing.score,
        cell=weighing.cell,
        mark_id=mark.mark_id if mark else None,
        mark_status=mark.status if mark else None,
        exportable=mark is None or mark.in_force(as_of),
        contributions=weighing.contributions,
        flips=what_would_flip(findings, registry, as_of, subject, table),
    )
