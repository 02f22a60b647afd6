"""Words of goods as classes and similar groups, and how goods relate to a mark."""

import csv
from pathlib import Path

import pytest

from detectors.trademark import goods
from detectors.trademark.goods import classes_of, listing_classes, listing_groups, relation_to
from detectors.trademark.tables import class_mask, rows, similar_classes
from models.registry import Mark
from models.subjects import Listing


def numbers(mask: int) -> set[int]:
    return {number for number in range(1, 46) if mask >> number & 1}


@pytest.mark.parametrize(
    ("title", "classes"),
    [
        ("晴川牛肉面五连包", {30}),
        ("新款女士连衣裙 收腰显瘦", {25}),
        ("KESTRELLO蓝牙耳机", {9}),
        ("苹果手机全网通", {9}),  # known as a mark: the other words decide
        ("红富士苹果10斤", {31}),
        ("酒店专用毛巾", {24}),  # a place of use, not a service
        ("海边度假酒店", {43}),
        ("宠物服饰", {18}),
        ("手机壳", {9}),
        ("正品shoes包邮", {25}),
        ("horseshoes", set()),
        ("Women's running shoes", {25}),
        ("晴川", set()),
        ("", set()),
    ],
)
def test_a_title_speaks_for_classes(title: str, classes: set[int]) -> None:
    assert numbers(classes_of(title)) == classes


def test_a_longer_word_outvotes_shorter_ones_and_the_last_names_the_thing() -> None:
    assert numbers(classes_of("牛奶味饼干")) >= {30}
    assert 30 in numbers(classes_of("草莓巧克力饼干"))
    assert 31 not in numbers(classes_of("草莓夹心巧克力饼干曲奇"))


def test_a_stated_class_decides_before_category_and_title() -> None:
    def listing(**said: object) -> Listing:
        return Listing.model_validate({"listing_id": "1", "platform": "集市", "title": "晴川手机", **said})

    assert numbers(listing_classes(listing(nice_class=30, category="服饰"))) == {30}
    assert numbers(listing_classes(listing(category="服饰/女装"))) == {25}
    assert numbers(listing_classes(listing(category="其他"))) == {9}


def test_groups_are_read_within_the_classes() -> None:
    listing = Listing(listing_id="1", platform="集市", title="运动鞋", category="服饰", nice_class=25)
    assert listing_groups(listing) == {"2501", "2507"}
    assert listing_groups(listing.model_copy(update={"nice_class": 9})) == frozenset()


@pytest.mark.parametrize(
    ("groups", "registered", "relation"),
    [
        ({"2507"}, ("2501",), "similar"),
        ({"2501", "2507"}, ("2501",), "same"),
        ({"2507"}, (), "same"),
        (set(), ("2501",), "same"),
        ({"2507"}, ("1801",), "same"),  # groups of other classes say nothing of this one
    ],
)
def test_groups_tell_apart_what_a_class_holds_together(
    groups: set[str], registered: tuple[str, ...], relation: str
) -> None:
    mark = Mark(mark_id="M", text="墨潮", nice_classes=(25,), similar_groups=registered)
    assert relation_to(class_mask((25,)), frozenset(groups), mark) == relation


def test_services_relate_to_their_goods() -> None:
    for one, other in ((37, 12), (43, 30), (44, 3), (41, 16), (38, 9), (35, 25)):
        assert goods.relation(1 << one, 1 << other) == "similar", (one, other)
    assert goods.relation(1 << 36, 1 << 25) == "unrelated"
    assert goods.relation(1 << 30, 0) == "unknown"


def test_the_tables_are_sound() -> None:
    words = [word for word, _, _ in rows("classes")]
    assert len(words) == len(set(words))
    for word, classes, groups in rows("classes"):
        assert word == word.casefold().strip()
        numbers_ = {int(number) for number in classes.split(";")}
        assert numbers_ <= set(range(1, 46)), word
        assert all(len(group) == 4 and int(group[:2]) in numbers_ for group in groups.split(";") if group), word
    near = similar_classes()
    assert all((near[a] >> b & 1) == (near[b] >> a & 1) for a in range(1, 46) for b in range(1, 46))


def test_the_table_is_plain_text() -> None:
    """One row a word, so that a change reads as a change."""
    path = Path(goods.__file__).parent / "data" / "classes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["word", "classes", "groups"]
