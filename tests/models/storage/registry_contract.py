"""What every registry store keeps: exact states, chained versions, history, one organisation's rows only."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies

from models.errors import InputError, NotFoundError
from models.identity import LOCAL, digest
from models.registry import Mark, Registry, rows_digest
from models.storage import SqlStore
from tests.models.storage import samples
from tests.models.storage.conftest import Contents
from tests.models.storage.rivals import race
from tests.models.storage.samples import CLOUD_DEER, NOON, OTHER, QINGCHUAN, QUICK, REGISTRY

SMALL_MARKS = strategies.builds(
    Mark,
    mark_id=strategies.sampled_from(["m-1", "m-2", "m-3"]),
    text=strategies.sampled_from(["晴川", "云朵鹿", "白鹭泉"]),
)
STATES = strategies.lists(strategies.lists(SMALL_MARKS, max_size=3, unique_by=lambda mark: mark.mark_id), max_size=5)


def all_rows(registry: Registry) -> list[object]:
    return [*registry.marks, *registry.goods, *registry.authorised]


class RegistryContract:
    def test_an_organisation_without_a_registry_has_an_empty_one(self, store: SqlStore) -> None:
        assert store.registry.current(LOCAL) == Registry()
        assert store.registry.reference_pictures(LOCAL) == ()

    def test_what_was_committed_is_current(self, store: SqlStore) -> None:
        version = store.registry.commit(LOCAL, REGISTRY, at=NOON)
        current = store.registry.current(LOCAL)
        assert all_rows(current) == all_rows(REGISTRY)
        assert current.version == version

    def test_the_same_rows_again_in_any_order_change_nothing(self, store: SqlStore, contents: Contents) -> None:
        version = store.registry.commit(LOCAL, REGISTRY, at=NOON)
        before = contents()
        shuffled = replace(REGISTRY, marks=REGISTRY.marks[::-1], authorised=REGISTRY.authorised * 2)
        assert store.registry.commit(LOCAL, shuffled, at=samples.at(5)) == version
        assert contents() == before

    def test_a_version_is_chained_to_the_one_before(self, store: SqlStore) -> None:
        smaller = replace(REGISTRY, marks=(QINGCHUAN,))
        versions = [store.registry.commit(LOCAL, state, at=NOON) for state in (REGISTRY, smaller, REGISTRY)]
        assert len(set(versions)) == 3
        assert versions[0] == digest("", rows_digest(all_rows(REGISTRY)))
        assert versions[2] == digest(versions[1], rows_digest(all_rows(REGISTRY)))

    def test_earlier_versions_are_rebuilt_whole(self, store: SqlStore) -> None:
        renamed = QINGCHUAN.model_copy(update={"text": "晴川江"})
        states = [REGISTRY, Registry(marks=(renamed,)), Registry(), Registry(marks=(QINGCHUAN, CLOUD_DEER))]
        versions = [store.registry.commit(LOCAL, state, at=NOON) for state in states]
        for state, version in zip(states, versions, strict=True):
            rebuilt = store.registry.at_version(LOCAL, version)
            assert all_rows(rebuilt) == all_rows(state)
            assert rebuilt.version == version

    def test_the_digest_of_the_rows_names_a_version_too(self, store: SqlStore) -> None:
        version = store.registry.commit(LOCAL, REGISTRY, at=NOON)
        assert store.registry.at_version(LOCAL, REGISTRY.version).version == version

    def test_rows_that_stay_are_not_written_again(self, store: SqlStore, contents: Contents) -> None:
        store.registry.commit(LOCAL, REGISTRY, at=NOON)
        store.registry.commit(LOCAL, replace(REGISTRY, marks=(QINGCHUAN,)), at=NOON)
        rows = contents()
        assert [(row[1], row[2], row[3]) for row in rows["marks"]] == [("m-1", 1, None), ("m-2", 1, 2)]
        assert len(rows["reference_goods"]) == 1

    def test_two_different_rows_of_one_id_are_refused_and_nothing_is_kept(
        self, store: SqlStore, contents: Contents
    ) -> None:
        before = contents()
        with pytest.raises(InputError, match="m-1"):
            store.registry.commit(
                LOCAL, Registry(marks=(QINGCHUAN, CLOUD_DEER.model_copy(update={"mark_id": "m-1"}))), at=NOON
            )
        assert contents() == before

    def test_the_fingerprint_moves_with_rows_and_pictures_only(self, store: SqlStore) -> None:
        seen = [store.registry.fingerprint(LOCAL)]
        store.registry.commit(LOCAL, REGISTRY, at=NOON)
        seen.append(store.registry.fingerprint(LOCAL))
        store.registry.save_reference_pictures(LOCAL, [samples.official()])
        seen.append(store.registry.fingerprint(LOCAL))
        store.registry.save_reference_pictures(LOCAL, [samples.official(content="c")])
        seen.append(store.registry.fingerprint(LOCAL))
        assert len(set(seen)) == 4
        store.registry.commit(LOCAL, REGISTRY, at=samples.at(1))
        store.registry.save_reference_pictures(LOCAL, [samples.official(content="c")])
        store.registry.commit(OTHER, REGISTRY, at=NOON)
        store.registry.save_reference_pictures(OTHER, [samples.official()])
        assert store.registry.fingerprint(LOCAL) == seen[-1]

    def test_a_reference_picture_is_replaced_by_mark_goods_and_address(self, store: SqlStore) -> None:
        for_mark = samples.official("official/logo.png", "d", goods_id="")
        store.registry.save_reference_pictures(LOCAL, [samples.official(), for_mark])
        newer = samples.official(content="c")
        store.registry.save_reference_pictures(LOCAL, [newer])
        assert store.registry.reference_pictures(LOCAL) == (for_mark, newer)

    def test_another_organisation_sees_nothing_of_it(self, store: SqlStore) -> None:
        version = store.registry.commit(LOCAL, REGISTRY, at=NOON)
        store.registry.save_reference_pictures(LOCAL, [samples.official()])
        assert store.registry.current(OTHER) == Registry()
        assert store.registry.reference_pictures(OTHER) == ()
        for name in (version, REGISTRY.version, "no-such-version", "\x00"):
            with pytest.raises(NotFoundError):
                store.registry.at_version(OTHER, name)

    def test_an_organisation_changes_its_own_rows_only(self, store: SqlStore) -> None:
        for state in (Registry(), replace(REGISTRY, goods=()), REGISTRY):
            store.registry.commit(LOCAL, state, at=NOON)
        store.registry.commit(OTHER, Registry(marks=(CLOUD_DEER,)), at=NOON)
        store.registry.commit(OTHER, Registry(), at=NOON)  # closes rows of its own, of the same ids
        assert all_rows(store.registry.current(LOCAL)) == all_rows(REGISTRY)

    def test_rivals_leave_one_chain(self, store: SqlStore) -> None:
        states = [Registry(marks=(Mark(mark_id=f"m-{number}", text="晴川"),)) for number in range(4)]
        versions = race([lambda state=state: store.registry.commit(LOCAL, state, at=NOON) for state in states])
        assert len(set(versions)) == 4
        before, unplaced = "", list(states)
        while unplaced:  # each version follows from exactly one other
            (following,) = [state for state in unplaced if digest(before, state.version) in versions]
            before = digest(before, following.version)
            unplaced.remove(following)
        assert store.registry.current(LOCAL).version == before

    @QUICK
    @given(states=STATES)
    def test_any_history_can_be_read_back(self, store: SqlStore, states: list[list[Mark]]) -> None:
        organisation_id = digest([[mark.content() for mark in state] for state in states])
        committed = [Registry(marks=tuple(state)) for state in states]
        versions = [store.registry.commit(organisation_id, state, at=NOON) for state in committed]
        for state, version in zip(committed, versions, strict=True):
            expected = sorted(state.marks, key=lambda mark: mark.mark_id)
            assert store.registry.at_version(organisation_id, version).marks == tuple(expected)
