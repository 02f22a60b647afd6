"""Views: a lead arranged for reading. Findings with their points, pictures in pairs, prices beside references.

Used for the live lead and for the frozen one in a dossier alike; nothing here looks anything up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import InvalidOperation
from urllib.parse import urlsplit

from models.explanations import Language, fact_title
from models.findings import Finding, Stance
from models.leads import Flip, Lead
from models.pictures import PictureReading
from models.price_pictures import PriceCurve, PricePicture
from models.registry import Mark, ReferenceGoods
from models.subjects import Listing, ParcelRecord
from review_api.console.formats import money
from review_api.console.marking import Stretch, stretches
from review_api.wording import flip_sentence, sentence

BAR_WIDTH = 100
NO_PICTURE = PricePicture()
# What each finding on is a thing of its own.
UNMERGED = frozenset({"price", "images"})

# Fields whose two sides are set beside each other as text. Prices and pictures are shown in their own ways.
QUOTED_FIELDS = frozenset({"title", "description", "brand", "category", "seller.name", "declared_goods"})


@dataclass(frozen=True)
class FindingView:
    """One finding as a card: its name, what it says, its points and how wide their bar is (0..100). `places` are other
    findings of the same fact on the same mark, seen at other places: sights of one thing, told as one."""

    finding: Finding
    title: str
    sentence: str
    points: float
    bar: int
    quoted: bool
    picture: str
    official: str
    places: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class FlipView:
    """What would change the outcome, in words."""

    sentence: str
    flip: Flip


@dataclass(frozen=True)
class PictureView:
    """One picture of the page: its content hash where it was read, and why not otherwise."""

    address: str
    sha256: str
    failure: str
    reading: PictureReading | None


@dataclass(frozen=True)
class PriceView:
    """Reference goods beside the price asked: what the price comes to for their quantity, as the price finding says,
    and the share of the reference price in percent."""

    goods: ReferenceGoods
    equivalent: str
    percent: int | None


@dataclass(frozen=True)
class LeadView:
    """Everything that the pages of a lead and of a dossier show about it."""

    lead: Lead
    subject: Listing | ParcelRecord
    is_parcel: bool
    title: str
    title_parts: tuple[Stretch, ...]
    mark: Mark | None
    speaking_for: tuple[FindingView, ...]
    speaking_against: tuple[FindingView, ...]
    points_for: float
    points_against: float
    flips: tuple[FlipView, ...]
    pictures: tuple[PictureView, ...]
    prices: tuple[PriceView, ...]
    curve: PriceCurve | None
    link: str


def lead_view(
    lead: Lead,
    language: Language,
    *,
    marks: Mapping[str, Mark],
    goods: Iterable[ReferenceGoods],
    readings: Mapping[str, PictureReading],
    official: Mapping[str, PictureReading],
    flips: Sequence[Flip] = (),
    price: PricePicture = NO_PICTURE,
) -> LeadView:
    """Arrange a lead. `readings` and `official` map addresses to what was read there: of the page's own pictures, and
    of the rights holder's."""
    screening, subject = lead.screening, lead.screening.subject
    title = subject.title if isinstance(subject, Listing) else subject.declared_goods
    points = {each.finding_id: each.points for each in screening.assessment.contributions}
    widest = max((abs(value) for value in points.values()), default=0.0)
    cards = [
        FindingView(
            finding=finding,
            title=fact_title(finding.fact, language),
            sentence=sentence(finding, language, mark=_text_of(marks.get(finding.mark_id or ""))),
            points=points.get(finding.finding_id, 0.0),
            bar=round(BAR_WIDTH * abs(points.get(finding.finding_id, 0.0)) / widest) if widest else 0,
            quoted=finding.field in QUOTED_FIELDS and bool(finding.subject_value or finding.reference_value),
            picture=_hash_of(finding.subject_value, readings),
            official=_hash_of(finding.reference_value, official),
        )
        for finding in screening.findings
    ]
    cards.sort(key=lambda card: -abs(card.points))
    cards = _merged(cards)
    speaking_for = tuple(card for card in cards if card.finding.stance is Stance.FOR)
    speaking_against = tuple(card for card in cards if card.finding.stance is Stance.AGAINST)
    mark = marks.get(screening.assessment.mark_id or "")
    return LeadView(
        lead=lead,
        subject=subject,
        is_parcel=isinstance(subject, ParcelRecord),
        title=title,
        title_parts=stretches(title, screening.findings, "title" if isinstance(subject, Listing) else "declared_goods"),
        mark=mark,
        speaking_for=speaking_for,
        speaking_against=speaking_against,
        points_for=sum(card.points for card in speaking_for),
        points_against=sum(card.points for card in speaking_against),
        flips=tuple(FlipView(flip_sentence(flip, language), flip) for flip in flips),
        pictures=_pictures(subject, readings),
        prices=tuple(_price(row, screening.findings, price) for row in _shown_goods(goods, screening.findings, mark)),
        curve=price.curve,
        link=outward(subject.url) if isinstance(subject, Listing) else "",
    )


def _merged(cards: Sequence[FindingView]) -> list[FindingView]:
    """Findings of one fact on one mark, seen at several places of the page, as one card with its places: the one in the
    title stands for all, which a buyer sees first, or else the weightiest; and the points are added."""
    held: dict[tuple[str, ...], list[FindingView]] = {}
    for card in cards:
        finding = card.finding
        against = finding.stance is Stance.AGAINST  # each is answered on its own
        alone = against or finding.field in UNMERGED or bool(card.picture or finding.goods_id)
        seen = (finding.finding_id,) if alone else (finding.fact, finding.mark_id or "", finding.reference_value)
        held.setdefault((finding.stance.value, *seen), []).append(card)
    return [
        replace(
            first,
            points=sum(card.points for card in (first, *others)),
            bar=min(BAR_WIDTH, sum(card.bar for card in (first, *others))),
            places=tuple(card.finding for card in (first, *others)) if others else (),
        )
        for first, *others in (sorted(each, key=_outside_title) for each in held.values())
    ]


def _outside_title(card: FindingView) -> bool:
    return card.finding.field != "title"


def _text_of(mark: Mark | None) -> str:
    return mark.text if mark else ""


def _hash_of(name: str, readings: Mapping[str, PictureReading]) -> str:
    """The content hash of a picture that a finding names by its address."""
    return (readings[name].content_sha256 or "") if name in readings else ""


def _pictures(subject: Listing | ParcelRecord, readings: Mapping[str, PictureReading]) -> tuple[PictureView, ...]:
    if not isinstance(subject, Listing):
        return ()
    return tuple(
        PictureView(
            address=address,
            sha256=(readings[address].content_sha256 or "") if address in readings else "",
            failure=readings[address].failure if address in readings else "",
            reading=readings.get(address),
        )
        for address in subject.images
    )


def _shown_goods(
    goods: Iterable[ReferenceGoods], findings: Iterable[Finding], mark: Mark | None
) -> tuple[ReferenceGoods, ...]:
    """The goods that findings name, otherwise those of the lead's mark that have a price."""
    named = {finding.goods_id for finding in findings if finding.goods_id}
    rows = [row for row in goods if row.goods_id in named or (not named and mark and row.mark_id == mark.mark_id)]
    return tuple(row for row in rows if row.reference_price is not None)


def _price(goods: ReferenceGoods, findings: Iterable[Finding], picture: PricePicture) -> PriceView:
    """As the price finding says; where none is told, as the price compares now."""
    params = next(
        (each.params for each in findings if each.goods_id == goods.goods_id and "ratio_percent" in each.params), {}
    )
    percent = params.get("ratio_percent")
    if not params:
        compared = next((each for each in picture.comparisons if each.goods_id == goods.goods_id), None)
        if compared is not None:
            return PriceView(goods, money(compared.equivalent, compared.currency), compared.percent)
    return PriceView(
        goods=goods,
        equivalent=_amount(str(params.get("equivalent", ""))),
        percent=percent if isinstance(percent, int) else None,
    )


def _amount(told: str) -> str:
    """`59.90 CNY` as the rest of the page writes money; anything else as it stands."""
    amount, _, currency = told.partition(" ")
    try:
        return money(amount, currency)
    except InvalidOperation:
        return told


def outward(url: str) -> str:
    """The address of the page where it is one that a browser may open."""
    return url if urlsplit(url).scheme in {"http", "https"} else ""
