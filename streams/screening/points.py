"""Operating points as a snapshot of the context: an organisation's own, and what a screening was held to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.context import Context
from models.identity import digest
from models.ports import TriageStore
from streams.screening.contexts import ContextSource

POINTS = "operating-points"


@dataclass(frozen=True)
class Points:
    """The scores from which subjects are flagged, by kind; a kind that is not named keeps the rules' own point."""

    by_kind: Mapping[str, float] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return digest("operating-points", sorted(self.by_kind.items()))


class PointedContexts(ContextSource):
    """The current context of each organisation, with the operating points that its people set. An organisation that
    set none has a context without this snapshot."""

    def __init__(self, *sources: Any, triage: TriageStore, **options: Any) -> None:
        super().__init__(*sources, **options)
        self._triage = triage
        self._pointed: dict[str, tuple[Context, Context]] = {}

    def fingerprint(self, organisation_id: str) -> str:
        """See `ContextSource`."""
        return f"{super().fingerprint(organisation_id)} {Points(self._triage.points(organisation_id)).version}"

    def current(self, organisation_id: str) -> Context:
        """See `ContextSource`. A point that was set holds from the next batch on."""
        context = super().current(organisation_id)
        points = Points(self._triage.points(organisation_id))
        if not points.by_kind:
            return context
        held = self._pointed.get(organisation_id)
        if held is None or held[0] is not context or held[1].snapshots[POINTS].version != points.version:
            held = (context, replace(context, snapshots={**context.snapshots, POINTS: points}))
            self._pointed[organisation_id] = held
        return held[1]
