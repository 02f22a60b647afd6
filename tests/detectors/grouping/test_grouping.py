"""Twins by the slow rule and by arrays, and the groups that they make: in any order, without runaways."""

import random
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.grouping import Entry, Proposal, are_twins, entry_of, propose, sketch_of, twin_sketches
from detectors.grouping.stock import Stock
from detectors.grouping.twins import folded
from models.groups import AlarmKind
from models.pictures import PictureReading
from models.subjects import Listing

TITLE = "晴川 山茶花护手霜 滋润保湿 旗舰正装 50g 三支装 包邮"
PICTURE = 0x0F1E2D3C4B5A6978


def entry(lead_id: str, title: str = TITLE, goods: str = "listing:M1", *pictures: int) -> Entry:
    return Entry(lead_id, goods, folded(title), pictures)


@pytest.mark.parametrize(
    ("one", "other", "twins"),
    [
        (entry("a"), entry("b"), True),
        (entry("a"), entry("b", "【清仓】" + TITLE + " 现货"), True),
        (entry("a"), entry("b", TITLE.replace("包邮", "顺丰快递")), True),
        (entry("a"), entry("b", TITLE.replace("50g", "80g")), False),  # other goods of the same line
        (
            entry("a", TITLE, "listing:M1", PICTURE),
            entry("b", TITLE.replace("50g", "80g"), "listing:M1", PICTURE),
            True,
        ),
        (entry("a"), entry("b", TITLE, "listing:M2"), False),  # another mark leads
        (entry("a", "晴川护手霜"), entry("b", "晴川护手霜"), False),  # too short to tell anything
        (entry("a", "晴川护手霜", "g", PICTURE), entry("b", "晴川护手霜", "g", PICTURE ^ 0b111), True),
        (entry("a", "晴川护手霜", "g", PICTURE), entry("b", "晴川护手霜", "g", PICTURE ^ 0xFF), False),
        (entry("a", "晴川护手霜", "g", PICTURE), entry("b", "云朵鹿童装外套", "g", PICTURE), False),  # a shop's banner
        (entry("a", ""), entry("b", ""), False),
    ],
)
def test_what_twins_are(one: Entry, other: Entry, twins: bool) -> None:
    assert are_twins(one, other) is are_twins(other, one) is twins
    assert twin_sketches(sketch_of(one), sketch_of(other)) is twins


WORDS = ("晴川", "护手霜", "滋润", "保湿", "50g", "80g", "正品", "三支装", "山茶花", "新款", "包邮", "KESTRELLO")


@st.composite
def stocks(draw: st.DrawFn) -> list[Entry]:
    titles = st.lists(st.sampled_from(WORDS), min_size=0, max_size=8).map("".join)
    pictures = st.lists(st.sampled_from((PICTURE, PICTURE ^ 1, PICTURE ^ 0b11111, ~PICTURE & 2**64 - 1)), max_size=2)
    drawn = draw(st.lists(st.tuples(titles, st.sampled_from("gh"), pictures), max_size=14))
    return [Entry(f"{place:03}", goods, folded(title), tuple(p)) for place, (title, goods, p) in enumerate(drawn)]


@given(stocks())
def test_arrays_answer_what_the_slow_rule_answers(entries: list[Entry]) -> None:
    stock = Stock.build(entries)
    every = list(combinations(range(len(entries)), 2))
    ones, others = (np.array(side, dtype=np.int64) for side in (zip(*every, strict=True) if every else ((), ())))
    assert stock.twins(ones, others).tolist() == [are_twins(entries[one], entries[other]) for one, other in every]


@settings(max_examples=50)
@given(stocks(), st.randoms())
def test_the_order_of_entries_changes_nothing(entries: list[Entry], chance: random.Random) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert propose(shuffled) == propose(entries)


@settings(max_examples=50)
@given(stocks())
def test_groups_are_what_shared_buckets_connect(entries: list[Entry]) -> None:
    """Against the slow way: every pair that shares a stored bucket and is a pair of twins, connected."""
    sketches = [sketch_of(entry) for entry in entries]
    groups = {place: {place} for place in range(len(entries))}
    for one, other in combinations(range(len(entries)), 2):
        if set(sketches[one].buckets) & set(sketches[other].buckets) and are_twins(entries[one], entries[other]):
            joined = groups[one] | groups[other]
            groups.update(dict.fromkeys(joined, joined))
    expected = {tuple(sorted(entries[place].lead_id for place in group)) for group in groups.values() if len(group) > 1}
    if all(len(group) < 8 for group in groups.values()):
        assert set(propose(entries).groups) == expected


def test_three_hundred_twins_are_one_group_and_others_stay_out() -> None:
    noise = random.Random(7)
    twins = [entry(f"t{place:03}", TITLE + noise.choice(("", "新款", "现货", "清仓特价"))) for place in range(300)]
    others = [
        entry(f"o{place:03}", f"晴川 {chr(0x4E00 + place * 7)}{chr(0x5000 + place * 3)}润肤乳 {place}ml 礼盒装")
        for place in range(50)
    ]
    found = propose([*twins, *others])
    assert found == Proposal((tuple(each.lead_id for each in twins),), ())


def chain(length: int) -> list[Entry]:
    """Titles that slide along one long text: neighbours are twins, the ends have nothing in common."""
    text = "".join(chr(0x4E00 + place) for place in range(40 + 4 * length))
    return [entry(f"c{place:03}", text[4 * place : 4 * place + 40]) for place in range(length)]


def test_a_chain_is_an_alarm_and_is_cut_where_its_ends_are_strangers() -> None:
    links = chain(30)
    assert all(are_twins(one, other) for one, other in pairwise(links))
    assert not are_twins(links[0], links[-1])
    found = propose(links)
    (alarm,) = found.alarms
    assert (alarm.kind, alarm.members) == (AlarmKind.CHAIN, 30)
    assert len(found.groups) > 3
    by_id = {each.lead_id: each for each in links}
    for group in found.groups:
        assert any(all(one == other or are_twins(by_id[one], by_id[other]) for other in group) for one in group)


def test_no_group_is_larger_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detectors.grouping.proposal.MOST_MEMBERS", 40)
    found = propose([entry(f"t{place:03}") for place in range(100)])
    assert [len(group) for group in found.groups] == [40, 40, 20]
    assert [(alarm.kind, alarm.members) for alarm in found.alarms] == [(AlarmKind.FULL, 100)]


def test_an_entry_leaves_out_pictures_that_tell_nothing() -> None:
    listing = Listing(listing_id="1", platform="p", title="Ａ晴川！")
    readings = [
        PictureReading(address="1", hashes={"phash-64": f"{PICTURE:016x}"}, quality=90),
        PictureReading(address="2", hashes={"phash-64": "0" * 16}, quality=90),
        PictureReading(address="3", hashes={"phash-64": "00ff00ff00ff00ff"}, quality=3),
        PictureReading(address="4", failure="gone"),
    ]
    assert entry_of("x", listing, "M1", readings) == Entry("x", "listing:M1", "a晴川", (PICTURE,))


def test_buckets_keep_their_names() -> None:
    """They are stored: another name would part twins of yesterday from those of today."""
    buckets = sketch_of(entry("a", TITLE, "listing:M1", PICTURE)).buckets
    assert (len(buckets), buckets[0], buckets[-1]) == (20, "c5cb1b89b4ff46e9", "3172796cfcf83323")
