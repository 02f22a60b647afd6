"""The index of official pictures over its files: a mapped base, and in memory what changed since.

Owns when a base is built and when one that stands is good enough. What an index holds is `detectors.pictures`; how
files are kept is `streams.screening.index_files`.
"""

from collections.abc import Sequence

from detectors.pictures.index import PictureIndex, changes, usable, version_of
from detectors.pictures.segment import Arrays, of_this_layout, segment_arrays, without_empty
from models.pictures import ReferencePicture
from streams.screening.index_files import IndexFiles

PICTURES = "pictures"
WORTH_A_BASE = 1000
"""Pictures: fewer are indexed sooner than mapped."""
MOST_CHANGED = 0.05
"""Of a base's pictures: when more were added or went, a new base is built."""


def picture_index(
    reference_pictures: Sequence[ReferencePicture], organisation_id: str, index_files: IndexFiles | None
) -> PictureIndex:
    """The index of these pictures: over a base of this machine where they are many, else built in memory."""
    entries = usable(reference_pictures)
    if index_files is None or len(entries) < WORTH_A_BASE:
        return PictureIndex.build(entries)
    found = _over_a_base(entries, organisation_id, index_files)
    if found is None:
        with index_files.one_at_a_time(organisation_id, PICTURES):
            found = _over_a_base(entries, organisation_id, index_files)
            if found is None:
                found = new_base(entries, organisation_id, index_files)
    return found


def new_base(entries: Sequence[ReferencePicture], organisation_id: str, index_files: IndexFiles) -> PictureIndex:
    """Build a base of these pictures, keep it, and answer from it."""
    version = version_of(entries)
    built: Arrays = without_empty(segment_arrays(entries))
    index_files.save(organisation_id, PICTURES, version, built)
    mapped = index_files.load(organisation_id, PICTURES, version)
    return PictureIndex.over(built if mapped is None else mapped, entries)


def _over_a_base(
    entries: Sequence[ReferencePicture], organisation_id: str, index_files: IndexFiles
) -> PictureIndex | None:
    for version in index_files.versions(organisation_id, PICTURES):
        arrays = index_files.load(organisation_id, PICTURES, version)
        if arrays is None or not of_this_layout(arrays):
            continue
        return PictureIndex.over(arrays, entries) if changes(arrays, entries) <= MOST_CHANGED * len(entries) else None
    return None
