"""The screener: a batch of observations, seen by every declared detector, weighed by triage, told as screenings.

Owns nothing but the order of these steps. It reads no clock and no store: the caller gives the context and the time.
"""

from collections.abc import Sequence
from datetime import datetime

from detectors.protocol import Detector
from detectors.triage import Rules, assess, rules
from models.context import Context
from models.findings import Finding, Observation
from models.identity import digest, screening_key
from models.leads import Screening
from streams.screening.points import POINTS, Points


class Screener:
    """Screens with a fixed list of detectors, usually `detectors.catalogue.detectors()`, and one table of rules, the
    shipped one unless another is given. An organisation's own operating points come with the context."""

    def __init__(self, detectors: Sequence[Detector], table: Rules | None = None) -> None:
        self._detectors = tuple(detectors)
        self.table = table or rules()
        versions = [(detector.name, detector.version) for detector in self._detectors]
        self.rules_version = digest(versions, self.table.version)
        """Names everything that decides but the context: detectors with their versions, and the rules of triage."""

    def screen(self, observations: Sequence[Observation], context: Context, *, at: datetime) -> tuple[Screening, ...]:
        """One screening per observation, in order. What stands beside an observation in the batch changes nothing."""
        found = self._findings(observations, context)
        table = self.table_in(context)
        return tuple(
            self._screening(observation, tuple(findings), context, table, at)
            for observation, findings in zip(observations, found, strict=True)
        )

    def table_in(self, context: Context) -> Rules:
        """The rules with the operating points of the context's organisation."""
        points = context.snapshots.get(POINTS)
        return self.table.with_points(points.by_kind) if isinstance(points, Points) else self.table

    def _findings(self, observations: Sequence[Observation], context: Context) -> list[list[Finding]]:
        found: list[list[Finding]] = [[] for _ in observations]
        for detector in self._detectors:
            chosen = [
                place
                for place, observation in enumerate(observations)
                if observation.subject.key.kind in detector.kinds
            ]
            if not chosen:
                continue
            answers = detector.detect([observations[place] for place in chosen], context)
            for place, answer in zip(chosen, answers, strict=True):
                found[place].extend(answer)
        return found

    def _screening(
        self, observation: Observation, findings: tuple[Finding, ...], context: Context, table: Rules, at: datetime
    ) -> Screening:
        subject = observation.subject
        observation_id = subject.observation_id
        return Screening(
            screening_key=screening_key(observation_id, self.rules_version, context.version, observation.linked),
            observation_id=observation_id,
            subject=subject,
            registry_version=context.registry.version,
            rules_version=self.rules_version,
            context_version=context.version,
            assessment=assess(findings, context.registry, context.as_of, subject, table),
            findings=findings,
            screened_at=at,
        )
