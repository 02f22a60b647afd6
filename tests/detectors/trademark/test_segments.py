"""Segments: a base with a delta finds what an index of everything finds; the layout is narrow and knows its rules."""

import random
from datetime import UTC, datetime

import numpy as np
import pytest

from detectors.trademark import MarkIndex, TrademarkDetector
from detectors.trademark.index import DELTA_AT_LEAST, Changes, changes_since, worth_a_base
from detectors.trademark.segments import Segment, of_these_rules
from detectors.trademark.sightings import seen
from models.context import Context
from models.errors import ConfigurationError
from models.findings import Finding, Observation
from models.moments import start_of_day
from models.registry import Mark, Registry
from models.subjects import Listing
from tests.detectors.trademark.disguises import disguised, made_up, registry
from tests.detectors.trademark.test_index import found_by_index

TODAY = start_of_day(datetime(2026, 3, 1, tzinfo=UTC))


def changed(dice: random.Random, before: Registry) -> Registry:
    """The registry with some marks gone, some spelled otherwise, some of other classes, some new."""
    after = []
    for mark in before.marks:
        match dice.randrange(12):
            case 0:
                continue
            case 1:
                after.append(mark.model_copy(update={"text": made_up(dice)}))
            case 2:
                after.append(mark.model_copy(update={"aliases": (made_up(dice),)}))
            case 3:
                after.append(mark.model_copy(update={"nice_classes": (dice.randint(1, 34),)}))
            case _:
                after.append(mark)
    new = [
        Mark(mark_id=f"{place}{number}", text=made_up(dice)) for number in range(20) for place in ("A", "M0000-", "Z")
    ]
    dice.shuffle(after)
    return Registry(marks=(*after, *new))


def findings(index: MarkIndex, registered: Registry, titles: list[str]) -> list[list[Finding]]:
    context = Context(registry=registered, as_of=TODAY, snapshots={"marks": index})
    observations = [
        Observation(Listing(listing_id=str(number), platform="p", title=title)) for number, title in enumerate(titles)
    ]
    return TrademarkDetector().detect(observations, context)


@pytest.mark.parametrize("seed", range(3))
def test_a_base_with_a_delta_finds_what_an_index_of_everything_finds(seed: int) -> None:
    dice = random.Random(seed)
    before = registry(dice, 400)
    after = changed(dice, before)
    base = Segment.build(sorted(before.marks, key=lambda mark: mark.mark_id))
    whole, layered = MarkIndex.build(after), MarkIndex.over(base, after, changes_since(base, after))
    assert layered.delta is not None
    assert layered.removed is not None
    assert layered.version == whole.version
    assert layered.mark_count() == whole.mark_count() == len(after.marks)
    asked = [dice.choice((*before.marks, *after.marks)).text for _ in range(150)]
    titles = ["新款" + disguised(text, dice) + "包邮" for text in asked]
    found = [sorted(seen(title, layered), key=repr) for title in titles]
    assert found == [sorted(seen(title, whole), key=repr) for title in titles]
    assert sum(map(len, found)) > 100
    told = findings(layered, after, titles)
    assert told == findings(whole, after, titles)
    assert any(told)


def test_a_delta_that_forgets_what_was_removed_would_be_caught() -> None:
    before = registry(random.Random(5), 50)
    gone, after = before.marks[0], Registry(marks=before.marks[1:])
    base = MarkIndex.build(before).base
    layered = MarkIndex.over(base, after, changes_since(base, after))
    forgetful = MarkIndex.over(base, after, Changes(np.zeros(base.mark_count(), dtype=np.bool_), after.marks[:1]))
    assert layered.delta is None
    assert gone.mark_id not in {sighting.mark_id for sighting in seen(gone.text, layered)}
    assert gone.mark_id in {sighting.mark_id for sighting in seen(gone.text, forgetful)}


def test_only_what_an_index_holds_of_a_mark_is_a_change() -> None:
    before = registry(random.Random(6), 60)
    base = MarkIndex.build(before).base
    assert len(changes_since(base, before)) == 0
    renamed = [mark.model_copy(update={"holder": "某某公司"}) for mark in before.marks]
    assert len(changes_since(base, Registry(marks=tuple(renamed)))) == 0
    renamed[7] = renamed[7].model_copy(update={"aliases": ("岚溪",)})
    changes = changes_since(base, Registry(marks=tuple(renamed)))
    assert [mark.mark_id for mark in changes.added] == [renamed[7].mark_id]
    assert np.count_nonzero(changes.removed) == 1
    assert len(changes_since(base, Registry())) == 60


def test_many_changes_ask_for_a_new_base() -> None:
    base = MarkIndex.build(registry(random.Random(6), 10)).base
    few = Changes(np.zeros(10, dtype=np.bool_), ())
    many = Changes(np.zeros(DELTA_AT_LEAST + 1, dtype=np.bool_) | True, ())
    assert not worth_a_base(few, base)
    assert worth_a_base(many, base)


def test_a_segment_of_other_rules_is_not_searched() -> None:
    arrays = MarkIndex.build(registry(random.Random(6), 10)).arrays()
    other = {**arrays, "rules": arrays["rules"][::-1].copy()}
    assert of_these_rules(arrays)
    assert not of_these_rules(other)
    with pytest.raises(ConfigurationError, match="rules"):
        Segment.from_arrays(other)


def test_a_mark_takes_few_bytes() -> None:
    registered = registry(random.Random(8), 3000)
    arrays = MarkIndex.build(registered).arrays()
    assert sum(array.nbytes for array in arrays.values()) < 400 * len(registered.marks)


def test_names_of_rare_characters_are_kept() -> None:
    marks = (Mark(mark_id="a", text="晴川"), Mark(mark_id="b", text="\U00020000\U0002a6d6鹿"))
    index = MarkIndex.build(Registry(marks=marks))
    assert found_by_index(["卖\U00020000\U0002a6d6鹿"], index) != [set()]
