"""The base of official pictures: mapped by whoever comes later, with a delta of what changed, and renewed in time."""

from pathlib import Path

import numpy as np
import pytest

from detectors.pictures.features import features, packed
from detectors.pictures.index import PictureIndex
from detectors.pictures.pdq import pdq
from detectors.pictures.segment import of_this_layout
from models.pictures import PictureReading, ReferencePicture
from streams.screening import picture_base
from streams.screening.index_files import IndexFiles
from streams.screening.picture_base import PICTURES, picture_index
from tests.streams.pictures.drawings import drawing


@pytest.fixture(scope="module")
def entries() -> list[ReferencePicture]:
    return [entry(seed) for seed in range(60)]


def entry(seed: int, *, mark_id: str = "M") -> ReferencePicture:
    picture = drawing(seed, 200)
    hashes = {"pdq-256": pdq(np.asarray(picture)).hex, "phash-64": f"{seed:016x}"}
    told = packed(features(picture)) if seed % 3 else ""
    reading = PictureReading(address=f"{seed}.png", hashes=hashes, quality=100, level="full", features=told)
    return ReferencePicture(mark_id=mark_id, goods_id=f"G{seed}", reading=reading)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IndexFiles:
    monkeypatch.setattr(picture_base, "WORTH_A_BASE", 10)
    return IndexFiles(tmp_path)


def test_many_pictures_are_mapped_and_answer_as_if_built(files: IndexFiles, entries: list[ReferencePicture]) -> None:
    for index in (picture_index(entries, "local", files), picture_index(entries, "local", files)):
        assert files.versions("local", PICTURES) == [index.version]
        built = PictureIndex.build(entries)
        assert index.version == built.version
        readings = [entries[4].reading, entry(7, mark_id="other").reading, entry(99).reading]
        assert index.matches(readings) == built.matches(readings)


def test_a_small_change_keeps_the_base_and_a_large_one_renews_it(
    files: IndexFiles, entries: list[ReferencePicture]
) -> None:
    first = picture_index(entries, "local", files)
    changed = [*entries[1:], entry(70)]
    second = picture_index(changed, "local", files)
    assert (second.delta_size(), files.versions("local", PICTURES)) == (2, [first.version])
    assert second.version == PictureIndex.build(changed).version
    assert second.matches([entry(70).reading])[0][0].reference == entry(70)
    assert [found.reference.goods_id for found in second.matches([entries[0].reading])[0]] == []
    third = picture_index(entries[:40], "local", files)
    assert third.delta_size() == 0
    assert files.versions("local", PICTURES)[0] == third.version


def test_few_pictures_and_pictures_without_files_are_built_in_memory(
    files: IndexFiles, entries: list[ReferencePicture]
) -> None:
    picture_index(entries[:5], "local", files)
    picture_index(entries, "local", None)
    assert files.versions("local", PICTURES) == []


def test_a_base_of_another_layout_is_not_used(
    files: IndexFiles, entries: list[ReferencePicture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detectors.pictures.segment.LAYOUT_NUMBER", 0)
    picture_index(entries, "local", files)
    monkeypatch.undo()
    monkeypatch.setattr(picture_base, "WORTH_A_BASE", 10)
    assert not of_this_layout(files.load("local", PICTURES, files.versions("local", PICTURES)[0]) or {})
    assert picture_index(entries, "local", files).matches([entries[3].reading])[0]


def test_organisations_have_bases_of_their_own(files: IndexFiles, entries: list[ReferencePicture]) -> None:
    picture_index(entries[:30], "one", files)
    picture_index(entries[30:], "two", files)
    assert files.versions("one", PICTURES) != files.versions("two", PICTURES)
