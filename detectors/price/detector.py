"""The price detector: ties the goods index of a context to the comparison of prices."""

from collections.abc import Sequence
from functools import cached_property

from detectors.price.comparison import price_evidence
from detectors.price.goods import GoodsIndex
from detectors.price.market import Market
from detectors.price.tables import tables_digest
from models.context import Context
from models.findings import Finding, Observation, signed
from models.registry import Registry
from models.subjects import Listing

CODE_VERSION = "2"


class PriceDetector:
    """价格比对：把商品标价折算成与权利人参照商品相同规格的单位价格，再与参照价相比。单价远低于参照价是疑点；接近参照价、二手、
    租赁、配件、定金、分期、多规格起售价、小样、平台促销、大促日等是排除因素，官方翻新品按其通常售价衡量。规格有歧义时取较小的数量；
    容器容量、单只重量、色号型号不是数量。币种不同不作比较；规格读取和商品对应越不确定，分值越低。

    Unit prices: a listing's price is brought to the quantity of the holder's reference goods and compared with the
    reference price. Far below speaks for a lead; near the reference speaks against, and so do used and rented goods,
    accessories, deposits, instalments, prices from several sizes, samples, promotions and sale days; goods refurbished
    by their maker are judged by what such goods cost. Of several readings of a quantity the smaller is taken; what a
    vessel holds, what one piece weighs and colour or model numbers are none. Currencies are never converted; doubt
    about goods or quantity lowers the score.
    """

    name = "price"
    kinds = frozenset({"listing"})

    def __init__(self) -> None:
        self._held: tuple[str, GoodsIndex] | None = None
        self._market = Market()

    @cached_property
    def version(self) -> str:
        """The code's number and a digest of its tables."""
        return f"{CODE_VERSION}-{tables_digest()}"

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        """Findings on marks whose goods a listing names, ordered by mark and fact."""
        index = self._index(context.registry)
        return [self._findings(observation, index, context) for observation in batch]

    def _findings(self, observation: Observation, index: GoodsIndex, context: Context) -> list[Finding]:
        listing = observation.subject
        if not isinstance(listing, Listing) or not listing.price:
            return []
        offers = index.offers(listing)
        found = [evidence for offer in offers for evidence in price_evidence(listing, offer, context.as_of)]
        compared = {offer.mark.mark_id for offer in offers}
        found += self._market.evidence(observation, listing, context, compared)
        return [signed(evidence, listing, detector=self.name, version=self.version) for evidence in found]

    def _index(self, registry: Registry) -> GoodsIndex:
        """The index of this registry version; the newest one is kept."""
        held = self._held
        if held is None or held[0] != registry.version:
            held = (registry.version, GoodsIndex(registry))
            self._held = held
        return held[1]
