"""Official by its own word: a shop named after a mark and 官方旗舰, 授权 or 直营, which the holder does not list.

Owns comparing a seller's name with the marks whose holders named their sellers. A holder that lists nobody on the
listing's platform has said nothing about it, and nothing is told then.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from detectors.authorisation import authorised
from detectors.wording.lines import folded
from models.findings import Evidence, Stance
from models.registry import Mark, Registry
from models.subjects import Listing

FACT = "claim-official"
RULE = "cl-official-shop"
BASIS = "反不正当竞争法（2019）第六条、第八条；广告法第二十八条"
CALLED_OFFICIAL = re.compile(
    r"(?:京东|天猫|淘宝|抖音|快手|拼多多|唯品会|海外|品牌|厂家)?(?:官方|旗舰|授权|直营|自营|专卖店|official|flagship)",
    re.IGNORECASE,
)


class OfficialShops:
    """The marks whose holders list their sellers, by name. Built once per registry version."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._by_name: dict[str, list[Mark]] = {}
        for mark in registry.marks:
            if mark.mark_id in registry.authorised_by_mark:
                for name in {folded(text) for text in (mark.text, *mark.aliases)} - {""}:
                    self._by_name.setdefault(name, []).append(mark)

    def evidence(self, listing: Listing, as_of: datetime) -> Iterator[Evidence]:
        """One finding for each mark that the seller's name claims and its holder does not confirm."""
        name = listing.seller.name
        called = CALLED_OFFICIAL.search(name) if self._by_name else None
        if called is None:
            return
        for mark in self._by_name.get(folded(name[: called.start()]), ()):
            listed = [
                row
                for row in self._registry.authorised_by_mark[mark.mark_id]
                if not row.platform or row.platform.strip().casefold() == listing.platform.strip().casefold()
            ]
            if listed and authorised(listing, mark.mark_id, self._registry, as_of) is None:
                yield Evidence(
                    fact=FACT,
                    stance=Stance.FOR,
                    score=1.0,
                    field="seller.name",
                    mark_id=mark.mark_id,
                    subject_value=called.group(),
                    reference_value=mark.text,
                    span=called.span(),
                    params=(("rule", RULE), ("basis", BASIS), ("listed", len(listed))),
                )
