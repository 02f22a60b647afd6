"""The parcel detector: duties at acceptance, and promises of dispatch from abroad."""

from collections.abc import Sequence
from functools import cached_property
from importlib import resources

from detectors.parcels.dispatch import dispatch_evidence
from detectors.parcels.duties import duty_evidence
from models.context import Context
from models.findings import Finding, Observation, signed
from models.identity import digest
from models.subjects import ParcelRecord

CODE_VERSION = "1"


class ParcelDetector:
    """寄递核查：收寄验视、实名收寄、过机安检三项记录为“否”的是疑点，未记录的为弱疑点；信件和协议用户依法免于逐件实名。商品信息
    承诺海外发货，而揽收地和首段轨迹均在境内、且无清关记录的，提示疑似假海淘；有清关记录或写明保税、国内现货的作为排除因素。
    境内转运另换国内面单的包裹也会呈现境内轨迹，须人工核实。

    Parcels: each duty at acceptance recorded as not done is a finding, an unrecorded one a weak finding. Where a
    listing promises dispatch from abroad while origin and route are domestic and no customs event is known, the
    contradiction is shown; customs events and bonded or domestic stock speak against it. A parcel relabelled after
    clearance shows a domestic route too: that is for a person to check.
    """

    name = "parcels"
    kinds = frozenset({"parcel"})

    @cached_property
    def version(self) -> str:
        """The code's number and a digest of its tables."""
        entries = resources.files("detectors.parcels").joinpath("data").iterdir()
        texts = {entry.name: entry.read_text("utf-8") for entry in entries if entry.name.endswith(".toml")}
        return f"{CODE_VERSION}-{digest(texts)[:8]}"

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        """Findings on no mark: the duties in the order of the law, then the route."""
        return [self._findings(observation) for observation in batch]

    def _findings(self, observation: Observation) -> list[Finding]:
        parcel = observation.subject
        if not isinstance(parcel, ParcelRecord):
            return []
        told = [*duty_evidence(parcel), *dispatch_evidence(parcel, observation.listing)]
        return [signed(evidence, parcel, detector=self.name, version=self.version) for evidence in told]
