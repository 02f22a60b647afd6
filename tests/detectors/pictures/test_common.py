"""Common pictures: templates go on the list, an official picture stolen by many shops does not."""

import random
from datetime import UTC, datetime

import numpy as np
import pytest

from detectors.pictures import PictureDetector, PictureIndex
from detectors.pictures.common import COMMON, CommonPictures, PictureUse, Uses, kinds_of, learn
from detectors.pictures.pdq import pdq
from models.context import Context
from models.findings import Finding, Observation
from models.pictures import PictureReading, ReferencePicture
from models.registry import AuthorisedSeller, Mark, Registry
from models.subjects import Listing, Seller
from tests.streams.pictures.drawings import drawing

GOODS = (
    "纯棉毛巾 加厚", "儿童雨靴 防滑", "车载手机支架", "蓝牙耳机 降噪", "红枣片 即食", "花盆 陶瓷", "登山杖 碳素",
    "玻璃茶杯", "瑜伽垫", "钓鱼竿 海竿", "羊毛围巾", "电动牙刷", "折叠椅 户外", "猫砂 除臭", "钢琴谱架", "台灯 护眼",
    "面膜 补水", "螺丝刀 套装", "书包 小学生", "保温壶",
)  # fmt: skip
STOLEN = ("晴川 明前绿茶 {n}克 礼盒", "明前绿茶 晴川 新茶{n}", "绿茶 礼盒 {n}g 晴川", "新茶上市 绿茶 礼盒 {n} 明前")


def reading(seed: int, *, flipped: int = 0) -> PictureReading:
    code = int(pdq(np.asarray(drawing(seed, 128))).hex, 16) ^ ((1 << flipped) - 1)
    hashes = {"pdq-256": f"{code:064x}", "phash-64": f"{seed:016x}"}
    return PictureReading(address=f"{seed}.jpg", hashes=hashes, quality=100)


def template(shops: int = 45) -> list[PictureUse]:
    return [PictureUse(f"店{n}", f"{GOODS[n % len(GOODS)]} {n}", reading(1, flipped=n % 7)) for n in range(shops)]


def stolen(shops: int = 60) -> list[PictureUse]:
    return [PictureUse(f"店{n}", STOLEN[n % 4].format(n=n), reading(2, flipped=n % 7)) for n in range(shops)]


def told(common: CommonPictures, official: int, **listing: object) -> Finding:
    entry = ReferencePicture(mark_id="M", goods_id="G", reading=reading(official))
    registry = Registry(
        marks=(Mark(mark_id="M", text="晴川"),), authorised=(AuthorisedSeller(mark_id="M", seller_name="晴川旗舰店"),)
    )
    snapshots = {"pictures": PictureIndex.build([entry]), COMMON: common}
    context = Context(registry, datetime(2026, 3, 1, tzinfo=UTC), snapshots=snapshots)
    fields = {"listing_id": "1", "platform": "集市", "title": "杯子"} | listing
    seen = Observation(Listing.model_validate(fields), pictures=(reading(official, flipped=3),))
    ((finding,),) = PictureDetector().detect([seen], context)
    return finding


def test_a_template_is_common_and_a_stolen_official_picture_is_not() -> None:
    common = learn([*template(), *stolen()])
    assert common.of(reading(1)) is not None
    assert common.of(reading(2)) is None
    assert told(common, 2).fact == "copied-official-picture"
    finding = told(common, 1)
    assert (finding.fact, finding.stance) == ("official-picture-common", "against")
    assert finding.params["shops"] == 45
    assert int(finding.params["kinds"]) >= 15


def test_shops_alone_would_take_the_stolen_picture_too() -> None:
    """The negative control: the rule that is not used."""
    uses = Uses(shops=60, kinds=kinds_of({use.title for use in stolen()}))
    assert uses.shops >= 45
    assert uses.kinds <= 3
    assert not uses.common


@pytest.mark.parametrize(("shops", "common"), [(19, False), (20, True)])
def test_few_shops_make_no_list(shops: int, common: bool) -> None:
    assert (learn(template(shops)).of(reading(1)) is not None) is common


def test_one_shop_with_many_goods_is_one_shop() -> None:
    uses = [PictureUse("一家", use.title, use.reading) for use in template()]
    assert learn(uses).uses == {}


def test_in_an_authorised_shop_the_picture_is_authorised() -> None:
    assert told(learn(template()), 1, seller=Seller(name="晴川旗舰店")).fact == "official-picture-authorised"


def test_the_list_comes_back_and_its_version_names_it() -> None:
    uses = [*template(), *stolen()]
    common = learn(uses)
    random.Random(1).shuffle(uses)
    assert learn(uses).version == common.version
    again = CommonPictures.from_bytes(common.to_bytes())
    assert (again.version, dict(again.uses)) == (common.version, dict(common.uses))
    assert learn([]).version != common.version
    assert CommonPictures({}).of(reading(1)) is None
