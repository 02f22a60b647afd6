"""What every group store keeps: twins meet in any order, and what a person settled stays."""

import random
from collections.abc import Sequence

import pytest

from models.errors import InputError, NotFoundError
from models.findings import Stance
from models.groups import AlarmKind, GroupAct, GroupAlarm, Sketch
from models.identity import LOCAL
from models.leads import Screening
from models.ports import LeadQuery
from models.storage import SqlStore
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, OTHER, at, finding, listing, screening, suspicious


def twins(one: Sketch, other: Sketch) -> bool:
    """Titles of one first letter are twins, but for those that a digit tells apart."""
    return one.title[0] == other.title[0] and abs(ord(one.title[1]) - ord(other.title[1])) <= 1


def lead_id(number: int, organisation_id: str = LOCAL) -> str:
    return listing(number, organisation_id).key.token


def sketch(number: int, title: str = "A0", organisation_id: str = LOCAL) -> Sketch:
    return Sketch(
        lead_id=lead_id(number, organisation_id),
        goods_key="g",
        title=title,
        buckets=(title[0], f"{title[0]}{number % 2}"),
    )


def placed(store: SqlStore, titles: Sequence[str], organisation_id: str = LOCAL) -> list[str]:
    """Leads 0, 1, … with sketches of these titles; their ids."""
    store.screenings.record([suspicious(number, organisation_id) for number in range(len(titles))])
    sketches = [sketch(number, title, organisation_id) for number, title in enumerate(titles)]
    store.groups.place(organisation_id, sketches, twins, at=NOON)
    return [lead_id(number, organisation_id) for number in range(len(titles))]


def groups(store: SqlStore, ids: Sequence[str], organisation_id: str = LOCAL) -> list[str]:
    return [store.groups.of_lead(organisation_id, each).group_id for each in ids]


def partition(names: Sequence[str]) -> list[int]:
    return [list(names).index(name) for name in names]


class GroupContract:
    def test_twins_share_a_group_named_by_its_least_lead(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "B0", "A1", "A0"])
        assert partition(groups(store, ids)) == [0, 1, 0, 0]
        mine = store.groups.of_lead(LOCAL, ids[0])
        assert (mine.group_id, mine.size, mine.settled) == (min(ids[0], ids[2], ids[3]), 3, False)
        assert {member.lead_id for member in mine.members} == {ids[0], ids[2], ids[3]}
        assert all(member.group_size == 3 for member in mine.members)
        assert len(store.groups.of_lead(LOCAL, ids[0], limit=2).members) == 2

    def test_the_order_of_arrival_changes_nothing(self, store: SqlStore) -> None:
        numbers = list(range(12))
        titles = [f"{letter}{digit}" for letter in "ABC" for digit in "0123"]  # 0 and 3 are twins only by 1 and 2
        store.screenings.record([suspicious(number) for number in numbers])
        store.screenings.record([suspicious(number, OTHER) for number in numbers])
        for organisation, seed in ((LOCAL, 1), (OTHER, 2)):
            random.Random(seed).shuffle(numbers)
            for number in numbers:
                store.groups.place(organisation, [sketch(number, titles[number], organisation)], twins, at=NOON)
        for organisation in (LOCAL, OTHER):
            ids = [lead_id(number, organisation) for number in range(12)]
            assert partition(groups(store, ids, organisation)) == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8]

    def test_placing_again_and_placing_no_lead_changes_nothing(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "A0"])
        before = groups(store, ids)
        store.groups.place(LOCAL, [sketch(0, "A0"), sketch(7, "A0")], twins, at=NOON)
        assert groups(store, ids) == before
        with pytest.raises(NotFoundError):
            store.groups.of_lead(LOCAL, lead_id(7))
        assert [each.lead_id for each in store.groups.sketches(LOCAL)] == sorted(ids)

    def test_a_lead_that_changed_leaves_its_group(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "A0", "A0"])
        store.groups.place(LOCAL, [sketch(1, "B0")], twins, at=NOON)
        assert partition(groups(store, ids)) == [0, 1, 0]
        least = min(range(3), key=ids.__getitem__)
        store.groups.place(LOCAL, [sketch(least, "C0")], twins, at=NOON)
        assert store.groups.of_lead(LOCAL, ids[least]).size == 1
        for rest in (each for each in ids if each != ids[least]):
            held = store.groups.of_lead(LOCAL, rest)
            assert held.group_id == min(member.lead_id for member in held.members)

    def test_a_split_sticks_whatever_is_screened_and_proposed_later(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "A0", "A0"])
        made = store.groups.split(LOCAL, [ids[1]], by="li", at=at(1), reason="other goods")
        assert partition(groups(store, ids)) == [0, 1, 0]
        store.groups.place(LOCAL, [sketch(1, "A1"), sketch(0, "A1")], twins, at=at(2))
        store.groups.repropose(LOCAL, [ids], (), at=at(3))
        again = listing(1)
        store.screenings.record([screening(again, finding(again, mark_id=None), context="context-2", minutes=9)])
        assert partition(groups(store, ids)) == [0, 1, 0]
        held = store.groups.of_lead(LOCAL, ids[1])
        assert (held.group_id, held.settled) == (made, True)
        (told,) = held.decisions
        assert (told.act, told.lead_ids, told.decided_by, told.reason) == (
            GroupAct.SPLIT,
            (ids[1],),
            "li",
            "other goods",
        )
        assert store.groups.of_lead(LOCAL, ids[0]).decisions == (told,)

    def test_a_merge_sticks_and_later_twins_join_it(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "B0", "C0"])
        made = store.groups.merge(LOCAL, ids[0], ids[1], by="li", at=at(1))
        assert partition(groups(store, ids)) == [0, 0, 2]
        store.groups.repropose(LOCAL, [], (), at=at(2))
        store.screenings.record([suspicious(3)])
        store.groups.place(LOCAL, [sketch(3, "B0")], twins, at=at(3))
        assert store.groups.of_lead(LOCAL, lead_id(3)).group_id == made
        store.groups.split(LOCAL, [ids[0]], by="li", at=at(4))
        assert partition(groups(store, [*ids, lead_id(3)])) == [0, 1, 2, 1]

    def test_a_newcomer_between_two_settled_groups_joins_one_and_parts_none(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "A0", "A0", "A0"])
        store.groups.split(LOCAL, [ids[3]], by="li", at=at(1))
        store.screenings.record([suspicious(4)])
        store.groups.place(LOCAL, [sketch(4, "A0")], twins, at=at(2))
        assert partition(groups(store, [*ids, lead_id(4)])) == [0, 0, 0, 3, 0]

    def test_what_cannot_be_split_or_merged_is_said(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "A0", "B0"])
        for chosen in ([], [ids[0], ids[2]], [ids[0], ids[1]]):
            with pytest.raises(InputError):
                store.groups.split(LOCAL, chosen, by="li", at=NOON)
        with pytest.raises(InputError):
            store.groups.merge(LOCAL, ids[0], ids[1], by="li", at=NOON)
        for organisation in (LOCAL, OTHER):
            with pytest.raises(NotFoundError):
                store.groups.split(organisation, [ids[0] if organisation == OTHER else "0" * 32], by="li", at=NOON)
        with pytest.raises(NotFoundError):
            store.groups.merge(OTHER, ids[0], ids[2], by="li", at=NOON)
        assert partition(groups(store, ids)) == [0, 0, 2]

    def test_a_chain_is_not_joined_but_told(self, store: SqlStore) -> None:
        placed(store, ["A0"] * 12 + ["A1"] * 2)
        store.screenings.record([suspicious(14)])
        raised = store.groups.place(LOCAL, [sketch(14, "A2")], twins, at=NOON)  # a twin of the last two alone
        assert store.groups.of_lead(LOCAL, lead_id(14)).size == 1
        assert [(alarm.kind, alarm.members, alarm.raised_at) for alarm in raised] == [(AlarmKind.CHAIN, 15, NOON)]
        assert store.groups.alarms(LOCAL) == raised
        assert store.groups.alarms(OTHER) == ()

    def test_a_full_group_is_not_joined_but_told(self, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("models.storage.groups.MOST_MEMBERS", 3)
        ids = placed(store, ["A0"] * 4)
        assert sorted(store.groups.of_lead(LOCAL, each).size for each in ids) == [1, 3, 3, 3]
        assert {alarm.kind for alarm in store.groups.alarms(LOCAL)} == {AlarmKind.FULL}

    def test_a_large_group_is_met_by_its_representatives(
        self, store: SqlStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("models.storage.groups.REPRESENTATIVES", 2)
        assert len(set(groups(store, placed(store, ["A0"] * 9)))) == 1

    def test_a_proposal_for_the_whole_stock_is_taken(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "A0", "B0", "C0"])
        alarm = GroupAlarm(group_id=ids[0], kind=AlarmKind.CHAIN, members=9, raised_at=at(1))
        assert store.groups.repropose(LOCAL, [[ids[2], ids[3]], ["nobody"]], [alarm], at=at(1)) == 2
        assert partition(groups(store, ids)) == [0, 1, 2, 2]
        assert store.groups.alarms(LOCAL) == (alarm,)
        assert store.groups.repropose(LOCAL, [[ids[2], ids[3]]], (), at=at(2)) == 0

    def test_the_queue_shows_one_card_for_a_group(self, store: SqlStore) -> None:
        ids = placed(store, ["A0", "A0", "B0", "A0", "C0"])
        page = store.leads.find(LOCAL, LeadQuery(grouped=True))
        assert page.total == len(page.leads) == 3
        sizes = {lead.lead_id: lead.group_size for lead in page.leads}
        assert sorted(sizes.values()) == [1, 1, 3]
        every = [lead.lead_id for lead in store.leads.find(LOCAL, LeadQuery()).leads]
        first = next(each for each in every if each in (ids[0], ids[1], ids[3]))
        assert sizes[first] == 3
        in_group = store.leads.find(LOCAL, LeadQuery(group_id=page.leads[0].group_id))
        assert in_group.total == page.leads[0].group_size

    def test_cards_are_paged_and_filtered_like_leads(self, store: SqlStore) -> None:
        cheap, dear, alone = listing(0), listing(1, platform="jd"), listing(2)
        found: list[Screening] = [
            screening(cheap, finding(cheap, mark_id=None), score=3),
            screening(dear, finding(dear, mark_id=None), score=9),
            screening(alone, finding(alone, mark_id=None, stance=Stance.FOR), score=5),
        ]
        store.screenings.record(found)
        ids = [each.subject.key.token for each in found]
        store.groups.repropose(LOCAL, [ids[:2]], (), at=NOON)

        def shown(**fields: object) -> list[str]:
            return [lead.lead_id for lead in store.leads.find(LOCAL, LeadQuery(grouped=True, **fields)).leads]  # type: ignore[arg-type]

        assert shown() == [ids[1], ids[2]]
        assert shown(platform="taobao") == [ids[2], ids[0]]
        first = store.leads.find(LOCAL, LeadQuery(grouped=True, limit=1))
        assert (first.total, [lead.lead_id for lead in first.leads]) == (2, [ids[1]])
        assert shown(limit=1, after=first.next_cursor) == [ids[2]]

    def test_workers_that_place_twins_at_once_find_each_other(self, store: SqlStore) -> None:
        store.screenings.record([suspicious(number) for number in range(8)])
        race([lambda n=n: store.groups.place(LOCAL, [sketch(n, "A0")], twins, at=NOON) for n in range(8)])  # type: ignore[misc]
        assert store.groups.of_lead(LOCAL, lead_id(0)).size == 8
