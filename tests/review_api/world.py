"""A small world: two organisations with registries, pictures, and leads weighed by the shipped rules.

Findings are written down here as detectors would write them; scores, cells and flips come from `detectors.triage`.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from PIL import Image

from detectors.pictures.features import features, packed
from detectors.pictures.showing import laid_over
from detectors.price.peer_offers import PeerReader
from detectors.price.peers import PeerCounts
from detectors.price.pictures import PricePictures
from detectors.triage import assess, rules, rules_version, what_would_flip
from models.access import Account
from models.errors import ConfigurationError
from models.findings import Evidence, Finding, Parameter, Stance, signed
from models.identity import screening_key
from models.leads import Flip, Screening
from models.mark_checks import CheckResult, Compared, MarkCheck, day_of
from models.moments import now, start_of_day
from models.organisations import Organisation, Role
from models.pictures import PictureFound, PictureLaid, PictureReading, PictureSearch, ReferencePicture
from models.policy import RulesInUse
from models.ports import ObjectStore, Store
from models.price_pictures import PricePicture
from models.registry import AuthorisedSeller, Fame, Mark, MarkStatus, ReferenceGoods, Registry, Relation
from models.storage import ObjectSettings, StoreSettings, migrate, open_objects, open_store
from models.subjects import AnySubject, Listing, ParcelRecord, RouteEvent, Seller
from review_api.accounts import new_account
from tests.review_api import drawings

START = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)
PASSWORD = "hu tan yin yue 8"
ORGANISATIONS = ("linhai", "qiaonan")
NAMES = {"linhai": "he.lan", "qiaonan": "shen.mo"}

MARKS = (
    Mark(
        mark_id="QC-30", text="晴川", holder="晴川茶业有限公司", nice_classes=(30,), aliases=("QINGCHUAN",),
        registration_no="90000001", similar_groups=("3002",), valid_from=date(2018, 5, 1), valid_to=date(2028, 4, 30),
        fame=Fame.TIME_HONOURED, images=("official/tin.png",),
    ),
    Mark(
        mark_id="YDL-25", text="云朵鹿", holder="云朵鹿儿童用品有限公司", nice_classes=(25,), aliases=("CLOUD DEER",),
        registration_no="90000002", valid_from=date(2020, 1, 1), valid_to=date(2029, 12, 31),
        images=("official/shoe.png",),
    ),
    Mark(
        mark_id="KES-18", text="KESTRELLO", holder="Kestrello S.r.l.", nice_classes=(18, 25),
        registration_no="G9000003", fame=Fame.WELL_KNOWN, images=("official/bag.png",),
    ),
    Mark(
        mark_id="BLQ-3", text="白鹭泉", holder="白鹭泉化妆品有限公司", nice_classes=(3,), registration_no="90000004",
        status=MarkStatus.DISPUTED, images=("official/bottle.png",),
    ),
)  # fmt: skip
GOODS = (
    ReferenceGoods(
        goods_id="QC-G1", mark_id="QC-30", name="晴川 明前绿茶 特级", specification="250g*2",
        reference_price=Decimal("398"), currency="CNY",
    ),
    ReferenceGoods(
        goods_id="YDL-G1", mark_id="YDL-25", name="云朵鹿 软底学步鞋", specification="1双",
        reference_price=Decimal("269"), currency="CNY",
    ),
    ReferenceGoods(
        goods_id="KES-G1", mark_id="KES-18", name="KESTRELLO Ala 双肩包", specification="1只",
        reference_price=Decimal("2380"), currency="CNY",
    ),
)  # fmt: skip
AUTHORISED = (
    AuthorisedSeller(mark_id="QC-30", platform="云集市", seller_name="晴川官方旗舰店", seller_id="s-1"),
    AuthorisedSeller(
        mark_id="KES-18", seller_name="北岸皮具贸易行", relation=Relation.LICENSEE, territory="华东",
        valid_from=date(2025, 1, 1), valid_to=date(2027, 12, 31),
    ),
)  # fmt: skip
REGISTRY = Registry(marks=MARKS, goods=GOODS, authorised=AUTHORISED)
PEER_READER = PeerReader(REGISTRY)
OFFICIAL = {
    "official/tin.png": ("QC-30", "QC-G1", drawings.tin),
    "official/shoe.png": ("YDL-25", "YDL-G1", drawings.shoe),
    "official/bag.png": ("KES-18", "KES-G1", drawings.bag),
    "official/bottle.png": ("BLQ-3", "", drawings.bottle),
}


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
                span, text = _span(listing, mark.text), mark.text
                one = fact("identical-mark", mark=mark.mark_id, seen=text, reference=text, span=span, params=seen)
                bears.append(("trademark", one))
            found.append(screening(listing, bears, draft, at=START))
        return tuple(found)

    def what_would_flip(self, screening: Screening) -> tuple[Flip, ...]:
        return what_would_flip(screening.findings, REGISTRY, start_of_day(START), screening.subject)

    def price_picture(self, listing: Listing) -> PricePicture:
        """Goods compared by the shipped rules, and a few other sellers of tea."""
        peers = PeerCounts()
        for number in range(24):
            price = Decimal(300 + 8 * number)
            more = {"listing_id": f"peer-{number}", "price": price, "seller": Seller(id=f"peer-{number}")}
            offer = PEER_READER.read(listing.model_copy(update=more))
            if offer is not None:
                peers.add(offer)
        return PricePictures().of(listing, REGISTRY, peers.prices())

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


@dataclass
class World:
    """Both organisations in one store."""

    store: Store
    objects: ObjectStore
    folder: Path
    port: WeighingPort = field(default_factory=WeighingPort)
    accounts: dict[str, Account] = field(default_factory=dict)
    leads: dict[str, list[str]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)


def build(folder: Path, url: str = "") -> World:
    """A migrated store, SQLite unless a server's address is given, and a folder of pictures, with everything below."""
    settings = StoreSettings(url=url or f"sqlite:///{folder / 'review.sqlite'}")
    migrate(settings)
    world = World(open_store(settings), open_objects(ObjectSettings(url=str(folder / "objects"))), folder)
    for organisation_id in ORGANISATIONS:
        world.store.organisations.save(Organisation(organisation_id=organisation_id, name=TITLES[organisation_id]))
        account = new_account(
            NAMES[organisation_id],
            PASSWORD,
            organisation_id=organisation_id,
            display_name=DISPLAY[organisation_id],
            roles=(Role.OFFICER, Role.ADMINISTRATOR),
        )
        world.store.accounts.save(account)
        world.accounts[organisation_id] = account
        world.store.registry.commit(organisation_id, REGISTRY, at=START)
        check_marks(world.store, organisation_id, MARKS)
        _keep_pictures(world, organisation_id)
        _screen(world, organisation_id)
    return world


def check_marks(store: Store, organisation_id: str, marks: Iterable[Mark]) -> None:
    """What an officer does before anything may leave: certificate and status of every mark, found to agree."""
    at = now()
    for mark in marks:
        store.mark_checks.add(
            MarkCheck(
                organisation_id=organisation_id, mark=mark, compared=(Compared.CERTIFICATE, Compared.STATUS),
                source="注册证原件", result=CheckResult.AGREES, by="world", at=at,
                valid_until=day_of(at) + timedelta(days=180),
            )
        )  # fmt: skip


DISPLAY = {"linhai": "何岚", "qiaonan": "沈墨"}
TITLES = {"linhai": "临海市网络交易监管所", "qiaonan": "桥南区网络交易监管所"}


def screening(
    subject: AnySubject, evidence: Sequence[tuple[str, Evidence]], registry: Registry, *, at: datetime
) -> Screening:
    """What the screening worker would have written for these findings."""
    findings = tuple(_finding(subject, detector, each) for detector, each in evidence)
    as_of = start_of_day(at)
    assessment = assess(findings, registry, as_of, subject)
    context_version = f"context {as_of.date()}"
    return Screening(
        screening_key=screening_key(subject.observation_id, rules_version(), context_version),
        observation_id=subject.observation_id,
        subject=subject,
        registry_version=registry.version,
        rules_version=rules_version(),
        context_version=context_version,
        assessment=assessment,
        findings=findings,
        screened_at=at,
    )


def fact(
    name: str,
    *,
    score: float = 1.0,
    mark: str | None = None,
    against: bool = False,
    at: str = "title",
    seen: str = "",
    reference: str = "",
    span: tuple[int, int] | None = None,
    goods: str | None = None,
    params: Mapping[str, Parameter] | None = None,
) -> Evidence:
    """One finding in short."""
    return Evidence(
        fact=name,
        stance=Stance.AGAINST if against else Stance.FOR,
        score=score,
        field=at,
        mark_id=mark,
        goods_id=goods,
        subject_value=seen,
        reference_value=reference,
        span=span,
        params=tuple((params or {}).items()),
    )


def _span(listing: Listing, words: str) -> tuple[int, int]:
    start = listing.title.index(words)
    return start, start + len(words)


def _finding(subject: AnySubject, detector: str, evidence: Evidence) -> Finding:
    return signed(evidence, subject, detector=detector, version="1.0")


def _screen(world: World, organisation_id: str) -> None:
    registry = world.store.registry.current(organisation_id)
    screenings = []
    for number, (subject, evidence) in enumerate(subjects(organisation_id)):
        at = START + timedelta(hours=7 * number)
        screenings.append(screening(subject, evidence, registry, at=at))
    for one in screenings:
        if not one.assessment.flagged:
            raise ConfigurationError(f"the world's subject {one.subject.key.native_id} is no lead: {one.assessment}")
    world.store.screenings.record(screenings)
    world.leads[organisation_id] = [one.subject.key.token for one in screenings]


def _keep_pictures(world: World, organisation_id: str) -> None:
    """Official pictures and what sellers show, in the object store and as readings. The second organisation has
    pictures of its own colours, so that no bytes are shared."""
    own = {} if organisation_id == ORGANISATIONS[0] else {"backdrop": "#dfe6f2"}
    references, readings = [], []
    for address, (mark_id, goods_id, draw) in OFFICIAL.items():
        reading = _read(world, address, drawings.png(draw(**own)))
        references.append(ReferencePicture(mark_id=mark_id, goods_id=goods_id, reading=reading))
        shown = address.replace("official/", f"https://img.example.cn/{organisation_id}/").replace(".png", ".jpg")
        readings.append(_read(world, shown, drawings.jpeg(drawings.resold(draw(**own)))))
    readings.append(PictureReading(address=f"https://img.example.cn/{organisation_id}/gone.jpg", failure="404"))
    world.store.registry.save_reference_pictures(organisation_id, references)
    world.port.official[organisation_id] = tuple(references)
    world.store.screenings.save_readings(organisation_id, readings)
    world.pictures[organisation_id] = readings[0].content_sha256 or ""


def _read(world: World, address: str, data: bytes) -> PictureReading:
    sha256 = world.objects.put(data)
    return PictureReading(
        address=address,
        content_sha256=sha256,
        level="full",
        features=packed(features(Image.open(io.BytesIO(data)))),
        reader_version="1",
        width=drawings.SIZE,
        height=drawings.SIZE,
        hashes={"phash-64": sha256[:16], "pdq-256": sha256},
        quality=90,
    )


def subjects(organisation_id: str) -> list[tuple[AnySubject, list[tuple[str, Evidence]]]]:
    """Every subject with what detectors see in it."""
    image = f"https://img.example.cn/{organisation_id}/".__add__

    def listing(number: int, title: str, price: str | None, seller: str, **more: object) -> Listing:
        return Listing.model_validate(
            {
                "organisation_id": organisation_id,
                "listing_id": f"{organisation_id}-{7_300_100 + number}",
                "platform": "云集市" if number % 3 else "好物街",
                "title": title,
                "price": price,
                "currency": "CNY" if price else None,
                "url": f"https://shop.example.cn/item/{7_300_100 + number}",
                "seller": Seller(id=f"s-{number}", name=seller, location="浙江 杭州"),
                "captured_at": START + timedelta(hours=number),
                **more,
            }
        )

    tea = listing(
        1, "睛川 明前绿茶 特级 250g*2罐 送礼盒装 厂家直发", "59.90", "茗香源茶行", images=(image("tin.jpg"),),
        category="食品 > 茶叶 > 绿茶", nice_class=30, sales=1240, ships_from="福建 泉州", list_price="398",
    )  # fmt: skip
    plain_tea = listing(
        2, "晴川明前绿茶特级礼盒 250g*2 临期特惠", "128", "老街茶铺", images=(image("tin.jpg"), image("gone.jpg")),
        category="食品 > 茶叶", nice_class=30, condition="new",
    )  # fmt: skip
    shoe = listing(
        3, "云朶鹿宝宝软底学步鞋 春秋防滑机能鞋 1双", "39.8", "小脚丫童鞋工厂店", images=(image("shoe.jpg"),),
        category="母婴 > 童鞋", nice_class=25, sales=5312,
    )  # fmt: skip
    bag = listing(
        4, "KESTRELL0 Ala 双肩包 男女通勤电脑包 原单尾货", "189", "海港箱包仓", images=(image("bag.jpg"),),
        category="箱包 > 双肩包", nice_class=18, description="原单尾货，支持验货。适合通勤。",
    )  # fmt: skip
    used_bag = listing(
        5, "【二手】KESTRELLO Ala 双肩包 九成新 自用转让", "620", "阿宁的闲置", condition="used", nice_class=18,
        images=(image("bag.jpg"),),
    )  # fmt: skip
    lotion = listing(
        6, "白鹭泉 保湿精华水 150ml 小样 专柜同款", "19.9", "美妆小铺", images=(image("bottle.jpg"),), nice_class=3
    )
    cover = listing(7, "适用云朵鹿婴儿车雨罩 通用防风罩 配件 yunduolu", None, "出行好物", nice_class=12)
    parcel = ParcelRecord(
        organisation_id=organisation_id,
        parcel_token=f"{organisation_id}-p-0001",
        carrier="顺达速运",
        accepted_at=START,
        outlet="临海东湖营业部",
        origin="浙江省台州市",
        destination="四川省成都市",
        declared_goods="茶叶",
        declared_quantity=40,
        declared_value=Decimal("1200"),
        weight_g=20_600,
        listing_id=tea.listing_id,
        inspected_at_acceptance=False,
        real_name_verified=False,
        xray_screened=True,
        events=(
            RouteEvent(time=START, place="临海东湖营业部", code="已收件"),
            RouteEvent(time=START + timedelta(hours=6), place="台州转运中心", code="已发出"),
            RouteEvent(time=START + timedelta(hours=31), place="成都转运中心", code="已到达"),
        ),
    )

    def copied(address: str, official: str, mark: str, goods: str | None, score: float) -> Evidence:
        return fact(
            "copied-official-picture", score=score, mark=mark, goods=goods, at="images", seen=image(address),
            reference=f"official/{official}", params={"hash": "pdq-256", "distance": 14, "mirrored": False},
        )  # fmt: skip

    def priced(subject: Listing, name: str, mark: str, goods: str, percent: int, score: float) -> Evidence:
        row = next(row for row in GOODS if row.goods_id == goods)
        return fact(
            name, score=score, mark=mark, goods=goods, at="price", seen=str(subject.price),
            reference=str(row.reference_price),
            params={
                "price": f"{subject.price} CNY", "equivalent": f"{subject.price} CNY",
                "reference_price": f"{row.reference_price} CNY", "ratio_percent": percent, "ratio": percent / 100,
                "specification": row.specification, "reference_specification": row.specification, "goods": row.name,
            },
        )  # fmt: skip

    words: dict[str, Parameter] = {
        "goods_relation": "same",
        "goods_zh": "同一种商品",
        "goods_en": "the same goods",
        "trick_zh": "以形近字替换",
        "trick_en": "a look-alike character",
    }
    same, similar = {**words, "nearness": "same"}, {**words, "nearness": "similar"}
    zero = {**same, "trick_zh": "以数字0代替字母O", "trick_en": "the figure 0 for the letter O"}
    other = {**same, "goods_relation": "unrelated", "goods_zh": "商品不类似", "goods_en": "goods not similar"}
    return [
        (tea, [
            ("trademark", fact("similar-shape", score=0.94, mark="QC-30", seen="睛川", reference="晴川", span=(0, 2),
                               params={**similar, "detail": "睛/晴"})),
            ("price", priced(tea, "price-far-below", "QC-30", "QC-G1", 15, 0.96)),
            ("pictures", copied("tin.jpg", "tin.png", "QC-30", "QC-G1", 0.93)),
        ]),
        (plain_tea, [
            ("trademark", fact("identical-mark", mark="QC-30", seen="晴川", reference="晴川", span=(0, 2),
                               params=same)),
            ("price", priced(plain_tea, "price-below", "QC-30", "QC-G1", 32, 0.7)),
            ("pictures", copied("tin.jpg", "tin.png", "QC-30", "QC-G1", 0.91)),
            ("trademark", fact("plain-resale", score=0.6, mark="QC-30", against=True, seen="晴川", reference="晴川")),
        ]),
        (shoe, [
            ("trademark", fact("similar-shape", score=0.97, mark="YDL-25", seen="云朶鹿", reference="云朵鹿",
                               span=(0, 3), params={**similar, "detail": "朶/朵"})),
            ("price", priced(shoe, "price-far-below", "YDL-25", "YDL-G1", 15, 0.97)),
        ]),
        (bag, [
            ("trademark", fact("disguised-mark", score=0.98, mark="KES-18", seen="KESTRELL0", reference="KESTRELLO",
                               span=(0, 9), params=zero)),
            ("price", priced(bag, "price-far-below", "KES-18", "KES-G1", 8, 0.99)),
            ("trademark", fact("counterfeit-wording", score=0.7, mark="KES-18", seen="原单尾货", reference="KESTRELLO",
                               span=_span(bag, "原单尾货"))),
            ("pictures", copied("bag.jpg", "bag.png", "KES-18", "KES-G1", 0.95)),
        ]),
        (used_bag, [
            ("trademark", fact("identical-mark", mark="KES-18", seen="KESTRELLO", reference="KESTRELLO", span=(4, 13),
                               params=same)),
            ("pictures", copied("bag.jpg", "bag.png", "KES-18", "KES-G1", 0.97)),
            ("price", priced(used_bag, "price-far-below", "KES-18", "KES-G1", 26, 0.9)),
            ("trademark", fact("second-hand", score=0.5, mark="KES-18", against=True, seen="二手")),
        ]),
        (lotion, [
            ("trademark", fact("identical-mark", mark="BLQ-3", seen="白鹭泉", reference="白鹭泉", span=(0, 3),
                               params=same)),
            ("trademark", fact("counterfeit-wording", score=0.6, mark="BLQ-3", seen="专柜同款", reference="白鹭泉",
                               span=_span(lotion, "专柜同款"))),
            ("pictures", copied("bottle.jpg", "bottle.png", "BLQ-3", None, 0.99)),
        ]),
        (cover, [
            ("trademark", fact("identical-mark", mark="YDL-25", seen="云朵鹿", reference="云朵鹿", span=(2, 5),
                               params=other)),
            ("trademark", fact("pinyin-spelling", mark="YDL-25", seen="yunduolu", reference="云朵鹿",
                               span=_span(cover, "yunduolu"), params=similar)),
            ("trademark", fact("nominative-use", score=0.4, mark="YDL-25", against=True, seen="适用",
                               reference="云朵鹿")),
        ]),
        (parcel, [
            ("parcels", fact("inspection-missing", at="inspected_at_acceptance")),
            ("parcels", fact("real-name-missing", at="real_name_verified")),
        ]),
    ]  # fmt: skip
