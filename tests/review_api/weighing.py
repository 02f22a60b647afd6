"""A screening port for the console: it weighs by the shipped rules and knows no detectors."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from detectors.pictures.showing import laid_over
from detectors.price.peer_offers import PeerReader
from detectors.price.peers import PeerCounts
from detectors.price.pictures import PricePictures
from detectors.triage import rules, rules_version, what_would_flip
from models.findings import Evidence, Finding
from models.leads import Flip, Screening
from models.moments import start_of_day
from models.pictures import PictureFound, PictureLaid, PictureReading, PictureSearch, ReferencePicture
from models.policy import RulesInUse
from models.price_pictures import PricePicture
from models.registry import Registry
from models.subjects import AnySubject, Listing, Seller
from tests.review_api.evidence import fact, screening, span_of
from tests.review_api.registered import REGISTRY
from tests.review_api.scene import START

PEER_READER = PeerReader(REGISTRY)


class WeighingPort:
    """A screening port that knows no detectors: previews come back without findings, flips from the shipped rules."""

    def __init__(self) -> None:
        self.previewed: list[AnySubject] = []
        self.official: dict[str, tuple[ReferencePicture, ...]] = {}

    def preview(self, organisation_id: str, subjects: Sequence[AnySubject]) -> tuple[Screening, ...]:
        self.previewed += subjects
        return tuple(screening(subject, (), REGISTRY, at=START) for subject in subjects)

    def find_with(self, organisation_id: str, draft: Registry, listings: Sequence[Listing]) -> tuple[Screening, ...]:
        """Whatever bears the first mark's text is found."""
        (mark,) = draft.marks
        seen = {"nearness": "same", "goods_relation": "same", "goods_zh": "同一种商品", "goods_en": "the same goods"}
        found: list[Screening] = []
        for listing in listings:
            bears: list[tuple[str, Evidence]] = []
            if mark.text in listing.title:
                span, text = span_of(listing, mark.text), mark.text
                one = fact("identical-mark", mark=mark.mark_id, seen=text, reference=text, span=span, params=seen)
                bears.append(("trademark", one))
            found.append(screening(listing, bears, draft, at=START))
        return tuple(found)

    def what_would_flip(self, screening: Screening) -> tuple[Flip, ...]:
        return what_would_flip(screening.findings, REGISTRY, start_of_day(START), screening.subject)

    def price_picture(self, listing: Listing, marks: Collection[str] = ()) -> PricePicture:
        """Goods compared by the shipped rules, and a few other sellers of tea."""
        peers = PeerCounts()
        for number in range(24):
            price = Decimal(300 + 8 * number)
            more = {"listing_id": f"peer-{number}", "price": price, "seller": Seller(id=f"peer-{number}")}
            offer = PEER_READER.read(listing.model_copy(update=more))
            if offer is not None:
                peers.add(offer)
        return PricePictures().of(listing, REGISTRY, peers.prices(), marks)

    def rules_in_use(self, organisation_id: str) -> RulesInUse:
        shipped = dict(rules().policy.operating_point)
        return RulesInUse(version=rules_version(), points=shipped | {"listing": 12.5}, shipped=shipped)

    def search_pictures(self, organisation_id: str, data: bytes, *, top: int) -> PictureSearch:
        """Every official picture, as if found."""
        if not data.startswith(b"\x89PNG"):
            return PictureSearch(reading=PictureReading(address="", failure="不是图片 / not a picture"))
        reading = PictureReading(address="", width=320, height=320)
        laid = PictureLaid(
            points=(((0.2, 0.3), (0.1, 0.2)), ((0.8, 0.9), (0.7, 0.7))),
            frame=((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)),
            agreeing=80,
            related=82,
        )
        found = tuple(
            PictureFound(
                mark_id=picture.mark_id, goods_id=picture.goods_id, reading=picture.reading, score=0.9 - 0.1 * place,
                hash="pdq-256", distance=20 + 20 * place, copied=place == 0, laid=laid if place == 0 else None,
            )
            for place, picture in enumerate(self.official.get(organisation_id, ()))
        )  # fmt: skip
        return PictureSearch(reading=reading, found=found)

    def lay(self, finding: Finding, reading: PictureReading, reference: PictureReading) -> PictureLaid | None:
        laid: PictureLaid | None = laid_over(reading, reference, mirrored=False, partly=False)
        return laid
