"""Records: the snapshots of public records and of shops, published to workers by version beside peer prices.

Owns how they are published, loaded and merged with what stands. What they mean is `detectors.wording` and
`detectors.behaviour`; where published ones lie is the store's. Records are read and replaced as a whole, so a published
snapshot holds them: what was screened with an earlier one names its version.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from detectors.behaviour import SHOPS, ShopTable
from detectors.pictures.common import COMMON
from detectors.price.forest import PriceForest
from detectors.wording import WordingRules
from detectors.wording.detector import RULES
from models.context import Snapshot
from models.errors import NotFoundError
from models.market import MarketStore
from models.public_records import RECORDS, PublicRecords, records_from_bytes, records_to_bytes
from models.values import Value
from streams.screening.common_pictures import load_common
from streams.screening.market import MarketSnapshots


class PublishedSnapshots(MarketSnapshots):
    """Everything published that a worker's contexts take: peers and the price model, records and shops; and the wording
    rules it was started with, where a user added some."""

    def __init__(
        self, store: MarketStore, model: PriceForest | None = None, wording: WordingRules | None = None
    ) -> None:
        super().__init__(store, model)
        self._published, self._wording = store, wording

    def fingerprint(self, organisation_id: str) -> str:
        """Changes when `load` would answer otherwise: four cheap queries."""
        versions = [self._published.published_version(organisation_id, name) for name in (RECORDS, SHOPS, COMMON)]
        return " ".join([super().fingerprint(organisation_id), *versions])

    def load(self, organisation_id: str) -> dict[str, Snapshot]:
        """The snapshots by name; what was never published is left out."""
        found: dict[str, Snapshot] = super().load(organisation_id)
        records = standing_records(self._published, organisation_id)
        if records != PublicRecords():
            found[RECORDS] = records
        version = self._published.published_version(organisation_id, SHOPS)
        if version:
            found[SHOPS] = ShopTable.from_bytes(self._published.published(organisation_id, SHOPS, version).body)
        common = load_common(self._published, organisation_id)
        if common is not None:
            found[COMMON] = common
        return found | extra(self._wording)


def extra(wording: WordingRules | None) -> dict[str, Snapshot]:
    """The user's own wording rules under the name that the detector looks for."""
    return {RULES: wording} if wording is not None else {}


def standing_records(store: MarketStore, organisation_id: str) -> PublicRecords:
    """The newest published records; empty without any."""
    try:
        return records_from_bytes(store.published(organisation_id, RECORDS).body)
    except NotFoundError:
        return PublicRecords()


def publish_records(
    store: MarketStore, organisation_id: str, given: Mapping[str, tuple[Value, ...]], *, at: datetime
) -> PublicRecords:
    """Put the given kinds of rows (`operators`, `penalties`, `numbers`) in the place of those that stand, and publish
    the whole; returns it. The same rows again change nothing."""
    standing = standing_records(store, organisation_id)
    records = replace(standing, **given)  # type: ignore[arg-type]
    if records.version != standing.version:
        store.publish(organisation_id, RECORDS, records.version, records_to_bytes(records), at=at)
    return records
