"""Fictional registries, subjects and screenings for the store's contract."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings

from models.findings import Evidence, Finding, Stance, signed
from models.identity import LOCAL, screening_key
from models.leads import Assessment, Cell, Contribution, DeadLetter, Screening
from models.pictures import PictureReading, ReferencePicture
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry
from models.subjects import AnySubject, Listing, ParcelRecord, Seller

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
# Inherited contracts run under several classes, on a store of which every example uses an organisation of its own.
QUICK = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)

OTHER = "harbour"  # an organisation that is not `local`

QINGCHUAN = Mark(mark_id="m-1", text="晴川", holder="晴川日化", nice_classes=(3,), aliases=("QINGCHUAN",))
CLOUD_DEER = Mark(mark_id="m-2", text="云朵鹿", holder="云朵鹿服饰", nice_classes=(25,), attributes={"note": "童装"})
CREAM = ReferenceGoods(
    goods_id="g-1", mark_id="m-1", name="护手霜", specification="50g", reference_price=Decimal("39.90"), currency="CNY"
)
SHOP = AuthorisedSeller(mark_id="m-1", platform="taobao", seller_name="晴川旗舰店")
REGISTRY = Registry(marks=(QINGCHUAN, CLOUD_DEER), goods=(CREAM,), authorised=(SHOP,))


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def listing(number: int = 1, organisation_id: str = LOCAL, **fields: Any) -> Listing:
    given: dict[str, Any] = {
        "listing_id": f"item-{number}",
        "platform": "taobao",
        "title": f"晴川护手霜 第{number}款",
        "price": Decimal("9.90"),
        "currency": "CNY",
        "seller": Seller(name="白鹭泉小店"),
        "images": (f"https://shop.example/{number}.jpg",),
    }
    return Listing(organisation_id=organisation_id, **given | fields)


def parcel(number: int = 1, organisation_id: str = LOCAL, **fields: Any) -> ParcelRecord:
    given: dict[str, Any] = {"parcel_token": f"p-{number}", "carrier": "carrier-1", "declared_goods": "KESTRELLO 手表"}
    return ParcelRecord(organisation_id=organisation_id, **given | fields)


def finding(subject: AnySubject, **fields: Any) -> Finding:
    given: dict[str, Any] = {
        "fact": "similar-shape",
        "stance": Stance.FOR,
        "score": 0.9,
        "field": "title",
        "mark_id": "m-1",
        "subject_value": "睛川",
        "reference_value": "晴川",
        "span": (0, 2),
    }
    return signed(
        Evidence(**given | {k: v for k, v in fields.items() if k != "detector"}),
        subject,
        detector=fields.get("detector", "trademark"),
        version="1",
    )


def screening(
    subject: AnySubject,
    *findings: Finding,
    flagged: bool | None = None,
    score: float | None = None,
    cell: Cell | None = Cell.SIMILAR_SAME,
    registry_version: str = "",
    context: str = "context-1",
    minutes: float = 0,
) -> Screening:
    """Flagged when something speaks for it, unless told otherwise."""
    speaking = [each for each in findings if each.stance is Stance.FOR]
    flagged = bool(speaking) if flagged is None else flagged
    contributions = tuple(
        Contribution(finding_id=each.finding_id, fact=each.fact, weight=2.0, points=2 * each.score) for each in findings
    )
    total = sum(each.points for each in contributions)
    assessment = Assessment(
        flagged=flagged,
        score=total if score is None else score,
        cell=cell if flagged else None,
        mark_id=speaking[0].mark_id if flagged and speaking else None,
        contributions=contributions,
    )
    return Screening(
        screening_key=screening_key(subject.observation_id, "rules-1", context),
        observation_id=subject.observation_id,
        subject=subject,
        registry_version=registry_version or Registry().version,
        rules_version="rules-1",
        context_version=context,
        assessment=assessment,
        findings=findings,
        screened_at=at(minutes),
    )


def suspicious(number: int = 1, organisation_id: str = LOCAL, *, minutes: float = 0, **fields: Any) -> Screening:
    """A flagged screening of a listing, without any mark: its dossier needs no registry."""
    subject = listing(number, organisation_id, **fields)
    return screening(subject, finding(subject, mark_id=None), minutes=minutes)


def letter(offset: int = 1, organisation_id: str = LOCAL, **fields: Any) -> DeadLetter:
    given: dict[str, Any] = {
        "topic": "jianzhen.listings",
        "partition": 0,
        "offset": offset,
        "key": f"key-{offset}",
        "payload": "not json",
        "payload_sha256": "0" * 64,
        "reason": "unreadable",
        "first_seen": at(offset),
        "last_seen": at(offset),
    }
    return DeadLetter(organisation_id=organisation_id, **given | fields)


def picture(address: str = "https://shop.example/1.jpg", content: str = "a", **fields: Any) -> PictureReading:
    return PictureReading(address=address, content_sha256=content * 64, hashes={"phash-64": "0f" * 8}, **fields)


def official(address: str = "official/cream.png", content: str = "b", **fields: Any) -> ReferencePicture:
    given = {"mark_id": "m-1", "goods_id": "g-1", "reading": picture(address, content)}
    return ReferencePicture(**given | fields)
