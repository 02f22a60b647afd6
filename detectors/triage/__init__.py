"""Triage: findings for and against add up to one assessment by a declared table.

Owns the score, the operating point, the legal cell of a lead and what would flip it. Leaves every fact to the
detectors and every sentence to `models.explanations`. The whole policy is read off `detectors/triage/data/*.toml`.
"""

from detectors.triage.assessment import assess
from detectors.triage.flips import what_would_flip
from detectors.triage.reading import overridden, read_rules, rules, rules_version
from detectors.triage.rules import Rules

__all__ = ["Rules", "assess", "overridden", "read_rules", "rules", "rules_version", "what_would_flip"]
