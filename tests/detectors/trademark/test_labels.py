"""Labels and packaging as the goods: told where they bear the mark, not where its characters merely stand nearby."""

from datetime import UTC, datetime

import pytest

from detectors.trademark import MarkIndex, TrademarkDetector
from models.context import Context
from models.findings import Observation
from models.registry import Mark, Registry
from models.subjects import Listing

REGISTRY = Registry(
    marks=(
        Mark(mark_id="M1", text="云师傅", nice_classes=(30,)),
        Mark(mark_id="M2", text="KESTRELLO", nice_classes=(9,), aliases=("红隼",)),
    )
)
CONTEXT = Context(
    registry=REGISTRY,
    as_of=datetime(2026, 3, 1, tzinfo=UTC),
    snapshots={"marks": MarkIndex.build(REGISTRY)},
)


def told(title: str) -> bool:
    page = Observation(Listing(listing_id="1", platform="集市", title=title))
    (findings,) = TrademarkDetector().detect([page], CONTEXT)
    return any(finding.fact == "mark-on-labels" for finding in findings)


@pytest.mark.parametrize(
    "title",
    [
        "红隼空盒批发",
        "全新红隼吊牌批发",
        "红隼茶叶手提袋批发",
        "高档云师傅面条空袋批发",
        "红隼,手提袋,空袋,5元一个",
    ],
)
def test_labels_with_the_mark_are_told(title: str) -> None:
    assert told(title)


@pytest.mark.parametrize(
    "title",
    [
        "喜糖盒山红隼糖果喜酒礼盒手提袋",  # two characters among others
        "红隼,手提袋,纸提袋,空袋,5元一个,单拍不发货",  # a bag of the shop, sent along
        "云师傅空袋 不单卖",
    ],
)
def test_what_merely_stands_near_labels_is_not_told(title: str) -> None:
    assert not told(title)
