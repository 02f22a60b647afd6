"""Looking: whether the words in a listing's pictures are worth reading, given what is known of it without them.

Owns applying the declared rule (`[look]` of `policy.toml`). Reading words costs as much as screening a hundred
listings, so they are read only where other findings call for it.
"""

from collections.abc import Sequence

from detectors.triage.rules import Rules
from models.findings import Finding, Stance
from models.leads import Assessment


def calls_for_words(findings: Sequence[Finding], assessment: Assessment, table: Rules) -> bool:
    """A lead in doubt, or a finding of a group that calls for it, unless what speaks against settles the matter."""
    rule = table.policy.look
    present = {finding.fact for finding in findings} | {table.facts[finding.fact].group for finding in findings}
    if present.intersection(rule.settled):
        return False
    if rule.least <= assessment.score < rule.below:
        return True
    return assessment.score < rule.below and any(
        finding.stance is Stance.FOR
        and finding.score >= rule.from_score
        and table.facts[finding.fact].group in rule.groups
        for finding in findings
    )
