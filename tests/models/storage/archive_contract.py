"""The archive: what led to nothing goes and comes back as it was, is counted meanwhile, and never becomes a second
result; what somebody needs does not go."""

from collections.abc import Callable

import pytest
from sqlalchemy import and_, func, select

from models.archiving import ArchivedSubject, Hold, packed, unpacked
from models.dead_letters import LetterPlace
from models.errors import JianzhenError, NotFoundError
from models.identity import LOCAL
from models.leads import Disposition, Outcome, Screening
from models.storage import SqlStore, StoreSettings
from models.storage.engine import open_engine, reading
from models.storage.tables import observations, subjects
from tests.models.storage.conftest import Contents
from tests.models.storage.leads_contract import decision
from tests.models.storage.rivals import race
from tests.models.storage.samples import OTHER, at, finding, letter, listing, parcel, screening, suspicious

FILE = "f" * 64
BEFORE = at(100)


def quiet(number: int, organisation_id: str = LOCAL, *, minutes: float = 0, context: str = "context-1") -> Screening:
    """A listing that led to nothing, though something spoke against it."""
    subject = listing(number, organisation_id)
    return screening(subject, finding(subject), flagged=False, score=1.5, minutes=minutes, context=context)


def due(store: SqlStore, organisation_id: str = LOCAL, *, limit: int = 100) -> tuple[ArchivedSubject, ...]:
    return store.archive.due(organisation_id, before=BEFORE, limit=limit).subjects


def archive(store: SqlStore, found: tuple[ArchivedSubject, ...], *, file: str = FILE, organisation: str = LOCAL) -> int:
    return store.archive.move(organisation, found, file, before=BEFORE, at=at(200))


def ids(found: tuple[ArchivedSubject, ...]) -> list[str]:
    return sorted(each.subject["native_id"] for each in found)


class ArchiveContract:
    def test_what_goes_comes_back_as_it_was(self, store: SqlStore, contents: Contents) -> None:
        store.screenings.record([quiet(1), quiet(2), quiet(1, context="context-2", minutes=5)])
        store.screenings.record([screening(parcel(1, listing_id="later")), suspicious(3)])
        before, outcomes = contents(), store.screenings.outcomes(LOCAL)
        found = due(store)
        assert ids(found) == ["item-1", "item-2", "p-1"]
        data = packed(LOCAL, found)
        assert data == packed(LOCAL, found), "the same file for the same subjects"
        assert archive(store, found) == 3
        assert store.screenings.outcomes(LOCAL) == outcomes
        assert store.archive.counts(LOCAL) == {"hot": 1, "archived": 3, "returned": 0, "held": 0}
        assert store.screenings.listing(LOCAL, "taobao", "item-1") is None
        for name in ("item-1", "item-2"):
            (entry,) = store.archive.entries(LOCAL, platform="taobao", native_id=name)
            store.archive.restore(entry, unpacked(data, LOCAL)[entry.subject_token])
            with pytest.raises(NotFoundError):
                store.archive.restore(entry, unpacked(data, LOCAL)[entry.subject_token])
        (entry,) = store.archive.entries(LOCAL, platform="carrier-1", native_id="p-1")
        store.archive.restore(entry, unpacked(data, LOCAL)[entry.subject_token])
        assert contents() == before
        assert store.screenings.outcomes(LOCAL) == outcomes

    def test_what_is_delivered_again_is_no_second_result(self, store: SqlStore, contents: Contents) -> None:
        once = [quiet(1), quiet(1, context="context-2", minutes=5)]
        store.screenings.record(once)
        archive(store, due(store))
        before = contents()
        store.screenings.record(once)
        store.screenings.record([once[0]])
        assert contents() == before
        assert store.screenings.outcomes(LOCAL)[Outcome.NO_MATCH] == 1

    def test_what_is_seen_again_comes_back_and_counts_once(self, store: SqlStore) -> None:
        store.screenings.record([quiet(1), quiet(2)])
        archive(store, due(store))
        store.screenings.record([quiet(1, context="context-9", minutes=300)])
        subject = listing(2)
        store.screenings.record([screening(subject, finding(subject), context="context-9", minutes=300)])
        outcomes = store.screenings.outcomes(LOCAL)
        assert (outcomes[Outcome.NO_MATCH], outcomes[Outcome.LEAD]) == (1, 1)
        assert store.archive.counts(LOCAL) == {"hot": 2, "archived": 0, "returned": 2, "held": 0}
        (entry,) = store.archive.entries(LOCAL, platform="taobao", native_id="item-1")
        assert entry.returned_at == at(300)
        store.screenings.record([quiet(1)])  # of before, delivered again
        assert store.screenings.outcomes(LOCAL) == outcomes

    def test_nothing_goes_that_a_lead_stands_on(self, store: SqlStore) -> None:
        of_parcel = parcel(1, listing_id="item-5")
        store.screenings.record([suspicious(1), suspicious(2), quiet(3), quiet(4), quiet(5), quiet(6, minutes=200)])
        store.screenings.record([screening(of_parcel, finding(of_parcel, mark_id=None))])
        # No longer flagged, dismissed: whatever became of it, a lead is kept with what it was made of.
        store.screenings.record([screening(listing(1), context="context-2", minutes=1)])
        store.leads.decide(LOCAL, listing(2).key.token, decision(Disposition.DISMISSED), revision=0)
        store.archive.hold(
            Hold(
                organisation_id=LOCAL, subject_token=listing(4).key.token, platform="taobao", native_id="item-4",
                reason="行政复议", held_by="li", held_at=at(1),
            )
        )  # fmt: skip
        assert ids(due(store)) == ["item-3"]
        (held,) = store.archive.holds(LOCAL)
        assert (held.native_id, held.reason) == ("item-4", "行政复议")
        with pytest.raises(NotFoundError):
            store.archive.release(OTHER, held.subject_token)
        store.archive.release(LOCAL, held.subject_token)
        assert ids(due(store)) == ["item-3", "item-4"]

    @pytest.mark.parametrize("what", ["screened", "flagged", "held", "named"])
    def test_what_was_needed_meanwhile_stays(self, store: SqlStore, what: str) -> None:
        """Between looking and taking: a file that says less than the store does, or something that stands on it now."""
        store.screenings.record([quiet(1), quiet(2)])
        found = due(store)
        subject, of_parcel = listing(1), parcel(1, listing_id="item-1")
        acts: dict[str, Callable[[], None]] = {
            "screened": lambda: store.screenings.record([quiet(1, context="context-2", minutes=1)]),
            "flagged": lambda: store.screenings.record([screening(subject, finding(subject), context="c", minutes=1)]),
            "held": lambda: store.archive.hold(
                Hold(
                    organisation_id=LOCAL, subject_token=subject.key.token, platform="taobao", native_id="item-1",
                    reason="诉讼", held_by="li", held_at=at(1),
                )
            ),
            "named": lambda: store.screenings.record([screening(of_parcel, finding(of_parcel, mark_id=None))]),
        }  # fmt: skip
        acts[what]()
        assert archive(store, found) == 1
        assert store.screenings.listing(LOCAL, "taobao", "item-1") is not None
        assert store.archive.entries(LOCAL, platform="taobao", native_id="item-1") == ()

    def test_pages_pass_over_what_stays(self, store: SqlStore) -> None:
        of_parcel = [parcel(n, listing_id=f"item-{n}") for n in range(3)]
        store.screenings.record([quiet(n, minutes=n) for n in range(8)])
        store.screenings.record([screening(each, finding(each, mark_id=None)) for each in of_parcel])
        seen, after = [], ""
        while True:
            page = store.archive.due(LOCAL, before=BEFORE, after=after, limit=2)
            seen += [each.subject["native_id"] for each in page.subjects]
            after = page.cursor
            if not after:
                break
        assert seen == [f"item-{n}" for n in range(3, 8)], "oldest first, none twice"
        with pytest.raises(JianzhenError):
            store.archive.due(LOCAL, before=BEFORE, after="nonsense", limit=2)

    def test_another_organisation_s_subjects_are_its_own(self, store: SqlStore) -> None:
        store.screenings.record([quiet(1), quiet(1, OTHER)])
        theirs = due(store, OTHER)
        assert archive(store, theirs, organisation=LOCAL) == 0
        assert archive(store, due(store)) == 1
        assert store.screenings.listing(OTHER, "taobao", "item-1") is not None
        assert store.archive.entries(OTHER, platform="taobao", native_id="item-1") == ()
        assert store.archive.counts(OTHER) == {"hot": 1, "archived": 0, "returned": 0, "held": 0}
        with pytest.raises(JianzhenError, match="first line"):
            unpacked(packed(OTHER, theirs), LOCAL)

    def test_a_letter_of_an_archived_subject_is_not_counted_beside_it(self, store: SqlStore) -> None:
        store.screenings.record([quiet(1)], [letter(1, key=listing(1).key.token)])
        before = store.screenings.outcomes(LOCAL)
        archive(store, due(store))
        assert store.screenings.outcomes(LOCAL) == before

    def test_a_letter_of_before_is_overtaken_by_an_archived_screening(self, store: SqlStore) -> None:
        store.screenings.record([quiet(1, minutes=50)], [letter(1, key=listing(1).key.token)])
        archive(store, due(store))
        place = LetterPlace(topic="jianzhen.listings", partition=0, offset=1)
        assert store.dead_letters.replay(LOCAL, [place], by="wu", at=at(300)).overtaken == (place,)

    def test_who_archives_and_who_records_at_once(self, store: SqlStore, settings: StoreSettings) -> None:
        """Whoever comes first: every subject is in one place, with everything that belongs to it."""
        count = 30
        for turn in range(4):
            first = [quiet(turn * count + n) for n in range(count)]
            store.screenings.record(first)
            found = due(store)
            again = [quiet(turn * count + n, context="context-2", minutes=500 + n) for n in range(count)]
            race(
                [
                    lambda found=found, turn=turn: archive(store, found, file=f"{turn:064x}"),
                    lambda again=again: store.screenings.record(again[:15]),
                    lambda again=again: store.screenings.record(again[10:]),
                    lambda first=first: store.screenings.record(first),
                ]
            )
            total = (turn + 1) * count
            assert store.screenings.outcomes(LOCAL)[Outcome.NO_MATCH] == total
            counts = store.archive.counts(LOCAL)
            assert (counts["hot"], counts["archived"]) == (total, 0), "all of them were seen again"
            assert whole(settings) == total


def whole(settings: StoreSettings) -> int:
    """How many stored subjects have their observation."""
    engine = open_engine(settings)
    joined = and_(
        observations.c.organisation_id == subjects.c.organisation_id,
        observations.c.observation_id == subjects.c.observation_id,
    )
    with reading(engine) as connection:
        found = connection.execute(select(func.count()).select_from(subjects.join(observations, joined))).scalar_one()
    engine.dispose()
    return int(found)
