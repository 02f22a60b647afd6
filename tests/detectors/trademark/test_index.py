"""The index finds everything that the oracle finds; it can be written, mapped again, and knows its version."""

import random
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from detectors.trademark import MarkIndex
from detectors.trademark import candidates as candidates_room
from detectors.trademark.candidates import Candidates, candidates
from detectors.trademark.index import index_version
from detectors.trademark.keys import U64, Channel, sealed, text_keys
from detectors.trademark.oracle import Oracle, Sight
from detectors.trademark.readings import Readings, read
from detectors.trademark.tables import near_letters
from models.errors import ConfigurationError
from models.registry import Mark, Registry
from tests.detectors.trademark.disguises import disguised, registry

Found = set[tuple[int, int, str]]


def found_by_index(texts: list[str], index: MarkIndex) -> list[Found]:
    readings = read(texts)
    found = candidates(readings, index)
    return placed(readings, found, index, len(texts))


def placed(readings: Readings, found: Candidates, index: MarkIndex, count: int) -> list[Found]:
    answers: list[Found] = [set() for _ in range(count)]
    for start, end, name in zip(found.start.tolist(), found.end.tolist(), found.name.tolist(), strict=True):
        place = (int(readings.start[start]), int(readings.end[end - 1]), index.name(name))
        answers[int(readings.text[start])].add(place)
    return answers


@cache
def wanted(seed: int, marks: int, texts: int) -> tuple[Registry, tuple[str, ...], tuple[tuple[Sight, ...], ...]]:
    """A registry, titles that bear its names in disguise, and what the oracle finds in each."""
    dice = random.Random(seed)
    registered = registry(dice, marks)
    titles = tuple("新款" + disguised(dice.choice(registered.marks).text, dice) + "包邮" for _ in range(texts))
    oracle = Oracle([mark.text for mark in registered.marks], narrow=True)
    return registered, titles, tuple(tuple(oracle.sights(title)) for title in titles)


def missed(seed: int, marks: int, texts: int) -> tuple[int, list[tuple[str, Sight]]]:
    """How much the oracle finds in disguised names, and what of it the index does not."""
    registered, titles, sights = wanted(seed, marks, texts)
    index = MarkIndex.build(registered)
    lost = [
        (title, sight)
        for title, seen, found in zip(titles, sights, found_by_index(list(titles), index), strict=True)
        for sight in seen
        if (sight.start, sight.end, sight.name) not in found
    ]
    return sum(map(len, sights)), lost


def test_the_index_finds_all_that_the_oracle_finds() -> None:
    count, lost = missed(seed=7, marks=2000, texts=60)
    assert count >= 60
    assert lost == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_index_finds_all_that_the_oracle_finds_at_length() -> None:
    count, lost = missed(seed=1, marks=100_000, texts=300)
    assert count >= 300
    assert lost == []


@pytest.mark.parametrize("channel", [Channel.SHAPE_BUT_ONE, Channel.SOUND, Channel.SOUND_BUT_ONE, Channel.ANY_ORDER])
def test_an_index_without_one_channel_would_be_caught(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(sums: U64, of: Channel) -> U64:
        return ~sealed(sums, of) if of is channel else sealed(sums, of)

    monkeypatch.setattr("detectors.trademark.name_keys.sealed", forgetful)
    count, lost = missed(seed=7, marks=2000, texts=60)
    assert count >= 60
    assert lost != []


def misspelt(name: str, dice: random.Random) -> str:
    """A name of letters with two letters changed, one of them for a letter that looks like it; or spelled as it is
    heard."""
    if dice.random() < 0.5:
        pairs = (("c", "k"), ("f", "ph"), ("s", "z"), ("v", "w"), ("i", "y"), ("k", "ck"), ("n", "nn"), ("o", "oh"))
        for one, other in dice.sample(pairs, 4):
            name = name.replace(one, other)
        return name
    letters = list(name)
    first, second = dice.sample(range(len(letters)), 2)
    near = sorted(pair[1] for pair in near_letters() if pair[0] == letters[first])
    letters[first] = dice.choice(near) if near else letters[first]
    letters[second] = dice.choice("abcdefghkmnoprstuvw")
    return "".join(letters)


def lost_among_letters(index: MarkIndex, names: list[str], titles: list[str]) -> list[tuple[str, Sight]]:
    oracle, found = Oracle(names), found_by_index(titles, index)
    return [
        (title, sight)
        for title, seen in zip(titles, found, strict=True)
        for sight in oracle.sights(title)
        if (sight.start, sight.end, sight.name) not in seen
    ]


def test_names_of_letters_are_found_misspelt_in_two_places_and_by_ear(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(9)
    names = sorted({"".join(dice.choice("aeiou" if n % 2 else "bcdfgklmnprstv") for n in range(dice.randint(5, 9)))
                    for _ in range(300)})  # fmt: skip
    registered = Registry(marks=tuple(Mark(mark_id=f"M{n}", text=name) for n, name in enumerate(names)))
    titles = [misspelt(dice.choice(names), dice) + " 包邮" for _ in range(120)]
    assert lost_among_letters(MarkIndex.build(registered), names, titles) == []
    monkeypatch.setattr("detectors.trademark.name_keys.text_keys", lambda texts, channel: ~text_keys(texts, channel))
    assert lost_among_letters(MarkIndex.build(registered), names, titles) != []
    monkeypatch.undo()
    monkeypatch.setattr("detectors.trademark.candidates.near_letters", frozenset)
    candidates_room._look_alike_letters.cache_clear()
    assert lost_among_letters(MarkIndex.build(registered), names, titles) != []
    candidates_room._look_alike_letters.cache_clear()


@pytest.mark.parametrize("seed", range(4))
def test_the_narrow_oracle_finds_what_the_plain_one_finds(seed: int) -> None:
    dice = random.Random(seed)
    registered = registry(dice, 150)
    names = [*(mark.text for mark in registered.marks), "aaaaa", "晴晴川川", "kestrello audio"]
    plain, narrow = Oracle(names), Oracle(names, narrow=True)
    titles = ["新款" + disguised(dice.choice(names), dice) + "包邮" for _ in range(25)]
    titles += ["aaaab", "晴晴川穿", "kesstrelo audoi", "多kestrello soundio"]
    found = [list(plain.sights(title)) for title in titles]
    assert found == [list(narrow.sights(title)) for title in titles]
    assert sum(map(len, found)) > 20


def test_an_index_that_took_every_edge_for_nobody_s_would_be_caught() -> None:
    registered, titles, sights = wanted(seed=7, marks=2000, texts=60)
    index = MarkIndex.build(registered)
    edgeless = MarkIndex.from_arrays(index.version, {**index.arrays(), "edges": np.zeros_like(index.base.edges)})
    found = found_by_index(list(titles), edgeless)
    assert any(
        (sight.start, sight.end, sight.name) not in places
        for seen, places in zip(sights, found, strict=True)
        for sight in seen
    )


def test_a_blind_index_would_be_caught() -> None:
    registered = registry(random.Random(3), 200)
    index = MarkIndex.build(registered)
    blind = MarkIndex.from_arrays(index.version, {**index.arrays(), "filter": np.zeros_like(index.base.filter)})
    text = registered.marks[0].text
    assert found_by_index([text], index) != [set()]
    assert found_by_index([text], blind) == [set()]


def test_written_and_mapped_again_it_finds_the_same(tmp_path: Path) -> None:
    dice = random.Random(11)
    registered = registry(dice, 300)
    index = MarkIndex.build(registered)
    for name, array in index.arrays().items():
        np.save(tmp_path / f"{name}.npy", array)
    arrays = {name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in index.arrays()}
    mapped = MarkIndex.from_arrays(index.version, arrays)
    texts = [disguised(mark.text, dice) for mark in registered.marks[:100]]
    assert found_by_index(texts, mapped) == found_by_index(texts, index)
    assert mapped.mark_count() == len(registered.marks)


def test_arrays_that_are_missing_are_named() -> None:
    with pytest.raises(ConfigurationError, match="rows"):
        MarkIndex.from_arrays("1", {"filter": np.zeros(0, dtype=np.uint64)})


def test_the_version_names_the_registry() -> None:
    one, other = Registry(marks=(Mark(mark_id="M1", text="晴川"),)), Registry(marks=(Mark(mark_id="M1", text="睛川"),))
    assert MarkIndex.build(one).version == index_version(one) == MarkIndex.build(one).version
    assert index_version(one) != index_version(other)


def test_an_empty_registry_and_marks_without_text_can_be_indexed() -> None:
    for marks in ((), (Mark(mark_id="M1", images=("a.png",)),), (Mark(mark_id="M1", text="鹿"),)):
        index = MarkIndex.build(Registry(marks=marks))
        assert found_by_index(["云朵鹿奶粉", ""], index) == [set(), set()]
