"""The behaviour detector: a listing against its shop, its firm's public record, and plain arithmetic."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from detectors.behaviour.conduct import page_evidence, shop_evidence
from detectors.behaviour.operators import operator_evidence
from detectors.behaviour.policy import policy_version
from detectors.behaviour.shops import SHOPS, ShopTable
from models.context import Context
from models.findings import Evidence, Finding, Observation, signed
from models.identity import digest
from models.public_records import RECORDS, PublicRecords
from models.subjects import Listing

CODE_VERSION = "1"


class BehaviourDetector:
    """行为核查：销量、评价与价格和上架时间是否相称，同一店铺是否集中经营多个无关知名商标、新店大量成交、下架后重新上架；统一社会信用
    代码是否有效、与登记名称是否一致，经营主体是否吊销注销、是否有行政处罚记录。均为弱疑点，单凭行为不形成疑似信息。

    Behaviour: sales and reviews against price and age; one shop's many unrelated well-known marks; a young shop with
    much trade; listing again what was taken down; the firm's credit code, register entry and earlier penalties. Weak
    by nature: behaviour alone never makes a lead.
    """

    name = "behaviour"
    kinds = frozenset({"listing"})

    @cached_property
    def version(self) -> str:
        """Names the code and its figures."""
        return digest("behaviour", CODE_VERSION, policy_version())

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        """Findings on no mark: the page, the shop, the firm. Snapshots that the context lacks tell nothing."""
        records = context.snapshot(RECORDS, PublicRecords) if RECORDS in context.snapshots else PublicRecords()
        shops = context.snapshot(SHOPS, ShopTable) if SHOPS in context.snapshots else ShopTable({})
        return [self._findings(observation, context, records, shops) for observation in batch]

    def _findings(
        self, observation: Observation, context: Context, records: PublicRecords, shops: ShopTable
    ) -> list[Finding]:
        listing = observation.subject
        if not isinstance(listing, Listing):
            return []
        told = _told(listing, context, records, shops)
        return [signed(evidence, listing, detector=self.name, version=self.version) for evidence in told]


def _told(listing: Listing, context: Context, records: PublicRecords, shops: ShopTable) -> Iterator[Evidence]:
    yield from page_evidence(listing, context.as_of)
    shop = shops.of(listing)
    if shop is not None:
        yield from shop_evidence(listing, shop, context.registry, context.as_of)
    yield from operator_evidence(listing, records, context.as_of)
