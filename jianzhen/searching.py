"""Searching a registry's files: nearest marks for texts, nearest official pictures for pictures.

Owns the work of `lookup`: one answer for every line of the query file, best first, without a threshold.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from detectors.pictures import PictureIndex
from detectors.pictures.devices import DeviceIndex
from detectors.pictures.lookup import Nearest, nearest_to_picture
from detectors.trademark import MarkIndex, nearest
from jianzhen.registry_files import RegistryFiles
from models.errors import InputError
from models.formats import HitEntry, Rejects
from models.formats.lines import read_lines
from streams.fetch import FetchSettings, SafeFetcher
from streams.pictures import PictureReader, PictureSettings, PictureSource
from streams.pictures.source import is_web_address


def search_texts(
    files: RegistryFiles, texts: Path, rejects: Rejects, *, top: int
) -> Iterator[tuple[str, list[HitEntry]]]:
    """Each text with its nearest marks."""
    registry = files.usable(rejects)
    index = MarkIndex.build(registry)
    for _, text in _queries(texts, rejects):
        hits = nearest(text, index, registry, top=top)
        yield (
            text,
            [HitEntry(h.mark_id, h.goods_id, h.score, h.explanation["zh"], h.explanation["en"]) for h in hits],
        )


def search_pictures(
    files: RegistryFiles, pictures: Path, rejects: Rejects, *, top: int, fetch: FetchSettings, limits: PictureSettings
) -> Iterator[tuple[str, list[HitEntry]]]:
    """Each picture with the nearest official ones. A picture that cannot be read has no hits and is remarked. Paths are
    relative to the file that names them."""
    registry = files.usable(rejects)
    with SafeFetcher(fetch) as fetcher, PictureReader(limits) as reader:

        def source_at(base: Path) -> PictureSource:
            return PictureSource(reader, fetcher, base=base, settings=limits)

        references = files.official_pictures(registry, source_at, rejects)
        if all(reference.reading.failure for reference in references):
            raise InputError("登记中没有可用的官方图片 / the registry names no picture that can be read")
        copies, devices, marks = (
            PictureIndex.build(references),
            DeviceIndex.build(references),
            MarkIndex.build(registry),
        )
        folder = pictures.resolve().parent
        source = source_at(Path(folder.anchor))
        for line, address in _queries(pictures, rejects):
            place = address if is_web_address(address) else os.path.normpath(folder / address)
            reading = source.read(place, level="full")
            if reading.failure:
                what = {"value": address, "detail": reading.failure}
                rejects.notice(line, "picture-unreadable", field="query", file=pictures.name, **what)
            found = nearest_to_picture(reading, copies, devices, marks, registry, top=top)
            yield address, [_entry(hit) for hit in found]


def _entry(hit: Nearest) -> HitEntry:
    told = hit.explanation
    return HitEntry(hit.mark_id, hit.goods_id or None, hit.score, told["zh"], told["en"])


def _queries(path: Path, rejects: Rejects) -> Iterator[tuple[int, str]]:
    """Every line that is not empty, with its number."""
    for line in read_lines(path, rejects):
        if query := line.text.strip():
            yield line.number, query
