"""Search: words are found where they are, and only by whom they belong to."""

import pytest

from models.errors import InputError
from models.identity import LOCAL
from models.queue.search import Match, SearchKind
from models.registry import Mark, Registry
from models.storage import SqlStore
from models.subjects import Seller
from tests.models.storage.queue_scene import CODE, recorded
from tests.models.storage.samples import NOON, OTHER, REGISTRY, at, finding, listing, screening


class SearchContract:
    def kept(self, store: SqlStore) -> list[str]:
        store.registry.commit(LOCAL, REGISTRY, at=NOON)
        titles = ["晴川护手霜 礼盒装", "护手霜 晴川同款", "川晴 护手", "KESTRELLO Ala 双肩包"]
        return recorded(
            store,
            *(
                screening(each, finding(each, mark_id=None))
                for each in (
                    listing(n, title=title, seller=Seller(name="白鹭泉小店", uscc=CODE))
                    for n, title in enumerate(titles)
                )
            ),
        )

    def test_a_piece_of_chinese_is_found_and_its_parts_elsewhere_are_not(self, store: SqlStore) -> None:
        ids = self.kept(store)
        found = store.search.search(LOCAL, "晴川护手", kinds=[SearchKind.LEAD])[SearchKind.LEAD]
        assert [hit.thing_id for hit in found] == [ids[0]]
        assert (found[0].field, found[0].spans, found[0].match) == ("title", ((0, 4),), Match.BEGINNING)
        both = store.search.search(LOCAL, "护手霜 晴川", kinds=[SearchKind.LEAD])[SearchKind.LEAD]
        assert [hit.thing_id for hit in both] == [ids[1], ids[0]], "as it stands before in pieces"

    @pytest.mark.parametrize("asked", ["kestrello", "ＫＥＳＴＲ", "双肩", "包", "item-3", "Ala 双肩包"])
    def test_words_beginnings_and_single_characters(self, store: SqlStore, asked: str) -> None:
        ids = self.kept(store)
        found = store.search.search(LOCAL, asked, kinds=[SearchKind.LEAD])[SearchKind.LEAD]
        assert [hit.thing_id for hit in found] == [ids[3]]
        assert found[0].spans

    def test_marks_shops_and_operators_are_found_by_their_own_words(self, store: SqlStore) -> None:
        ids = self.kept(store)
        found = store.search.search(LOCAL, "晴川")
        assert [hit.thing_id for hit in found[SearchKind.MARK]] == ["m-1"]
        assert found[SearchKind.MARK][0].match is Match.WHOLE
        holder = store.search.search(LOCAL, "晴川日化")[SearchKind.MARK]
        assert [(hit.field, hit.title) for hit in holder] == [("holder", "晴川")]
        (shop,) = store.search.search(LOCAL, "白鹭泉")[SearchKind.SHOP]
        (operator,) = store.search.search(LOCAL, CODE[:10])[SearchKind.OPERATOR]
        party = store.parties.of_lead(LOCAL, ids[0])
        assert party is not None
        assert shop.about == operator.thing_id == party.party_key

    def test_what_changed_is_found_by_its_new_words_alone(self, store: SqlStore) -> None:
        self.kept(store)
        renamed = listing(0, title="改名后的润肤乳", seller=Seller(name="白鹭泉小店", uscc=CODE))
        store.screenings.record([screening(renamed, finding(renamed, mark_id=None), minutes=9)])
        kinds = [SearchKind.LEAD]
        assert not store.search.search(LOCAL, "礼盒装", kinds=kinds)[SearchKind.LEAD]
        assert len(store.search.search(LOCAL, "润肤乳", kinds=kinds)[SearchKind.LEAD]) == 1
        store.registry.commit(LOCAL, Registry(marks=(Mark(mark_id="m-1", text="青禾渡"),)), at=at(1))
        assert not store.search.search(LOCAL, "晴川", kinds=[SearchKind.MARK])[SearchKind.MARK]
        assert store.search.search(LOCAL, "青禾", kinds=[SearchKind.MARK])[SearchKind.MARK]

    def test_another_organisation_finds_nothing_and_no_word_is_refused(self, store: SqlStore) -> None:
        self.kept(store)
        assert not any(store.search.search(OTHER, "晴川").values())
        for nothing in ("", "  ", "，。！", "\x00"):
            with pytest.raises(InputError):
                store.search.search(LOCAL, nothing)
