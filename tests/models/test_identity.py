"""Identity: equal content, equal names; different content, different names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import SubjectKey, canonical_json, digest, observation_id, screening_key

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), VALUES))
def test_the_order_of_names_does_not_matter(record: dict[str, object]) -> None:
    assert digest(dict(reversed(record.items()))) == digest(record)


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_a_digest_is_128_bits_of_lower_case_hex(value: object) -> None:
    assert len(digest(value)) == 32
    assert set(digest(value)) <= set("0123456789abcdef")


def test_the_digest_is_the_same_on_every_machine() -> None:
    assert canonical_json({"b": "晴川", "a": [1, 0.5, None]}) == '{"a":[1,0.5,null],"b":"晴川"}'.encode()
    assert digest("晴川", 1) == "203c687db7df7e51feddf9b2022940c2"


def test_a_lone_surrogate_has_a_name_too() -> None:
    assert canonical_json("\ud800") == b'"\\ud800"'


def test_parts_do_not_run_together() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("a") != digest(["a"])
    assert digest("1") != digest(1)


@pytest.mark.parametrize("place", range(4))
def test_every_part_of_a_key_makes_another_subject(place: int) -> None:
    parts = ["local", "listing", "taobao", "item-1"]
    parts[place] += "x"
    assert SubjectKey(*parts).token != SubjectKey("local", "listing", "taobao", "item-1").token


def test_an_observation_belongs_to_its_subject() -> None:
    here, there = (SubjectKey(organisation, "listing", "taobao", "item-1") for organisation in ("local", "harbour"))
    assert observation_id(here, {"title": "晴川"}) != observation_id(there, {"title": "晴川"})


def test_a_screening_is_named_by_observation_rules_and_context() -> None:
    names = {screening_key(*parts) for parts in [("o", "r", "c"), ("O", "r", "c"), ("o", "R", "c"), ("o", "r", "C")]}
    assert len(names) == 4
