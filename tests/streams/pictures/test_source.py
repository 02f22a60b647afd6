"""Where pictures come from: folders that are never left, the network, and readings that are kept and reused."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from models.errors import FetchError, FetchRefused
from models.pictures import Level, PictureReading
from models.registry import Mark, ReferenceGoods, Registry
from streams.fetch import Fetched, FetchSettings, SafeFetcher
from streams.pictures import PictureReader, PictureSettings, PictureSource, read_reference_pictures
from tests.streams.pictures.drawings import drawing, packed

JPEG = packed(drawing(21, 300))
OTHER = packed(drawing(22, 300), "PNG")


class CountingReader(PictureReader):
    """Counts what is decoded."""

    decoded = 0

    def read(self, address: str, data: bytes, level: Level = "hash") -> PictureReading:
        self.decoded += 1
        return super().read(address, data, level)


class Web(SafeFetcher):
    """The network as a table of addresses; counts what is fetched."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        super().__init__(FetchSettings())
        self.pages = pages
        self.asked: list[str] = []

    def get(self, url: str) -> Fetched:
        self.asked.append(url)
        if url not in self.pages:
            raise FetchError("the server answered 404", where=url)
        return Fetched(url, 200, {}, self.pages[url], "8.8.8.8")


class Readings:
    """The two methods of a screening store that are used here."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], PictureReading] = {}

    def save_readings(self, organisation_id: str, readings: Sequence[PictureReading]) -> None:
        self.kept |= {(organisation_id, reading.address): reading for reading in readings}

    def readings(self, organisation_id: str, addresses: Iterable[str]) -> dict[str, PictureReading]:
        return {
            address: self.kept[organisation_id, address]
            for address in addresses
            if (organisation_id, address) in self.kept
        }


class Objects:
    """Bytes by their SHA-256, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        content = hashlib.sha256(data).hexdigest()
        self.kept[content] = data
        return content


@pytest.fixture(scope="module")
def shared() -> Iterator[CountingReader]:
    with CountingReader() as reader:
        yield reader


@pytest.fixture
def reader(shared: CountingReader) -> CountingReader:
    shared.decoded = 0
    return shared


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    base = tmp_path / "listings"
    (base / "img").mkdir(parents=True)
    (base / "img" / "一.jpg").write_bytes(JPEG)
    (base / "same.jpg").write_bytes(JPEG)
    (tmp_path / "secret.jpg").write_bytes(OTHER)
    return base


def source(reader: PictureReader, web: SafeFetcher | None = None, **parts: object) -> PictureSource:
    return PictureSource(reader, web or Web({}), **parts)  # type: ignore[arg-type]


def test_a_path_is_read_from_its_folder(reader: CountingReader, folder: Path) -> None:
    reading = source(reader, base=folder).read("img/一.jpg")
    assert (reading.failure, reading.address) == ("", "img/一.jpg")
    assert reading.content_sha256 == hashlib.sha256(JPEG).hexdigest()


@pytest.mark.parametrize(
    "address",
    ["../secret.jpg", "img/../../secret.jpg", "{outside}/secret.jpg", "link.jpg", "way/secret.jpg"],
)
def test_no_path_leads_out_of_the_folder(reader: CountingReader, folder: Path, address: str) -> None:
    (folder / "link.jpg").symlink_to(folder.parent / "secret.jpg")
    (folder / "way").symlink_to(folder.parent)
    reading = source(reader, base=folder).read(address.format(outside=folder.parent))
    assert "leads out of the folder" in reading.failure
    assert (reading.content_sha256, reader.decoded) == (None, 0)


def test_an_absolute_path_inside_the_folder_is_read(reader: CountingReader, folder: Path) -> None:
    assert source(reader, base=folder).read(str(folder / "same.jpg")).failure == ""


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("none.jpg", "no such picture file"),
        ("img", "not that of a regular file"),
        ("pipe.jpg", "not that of a regular file"),
        ("same.jpg/x.jpg", "no such picture file"),
        ("a\0b.jpg", "no such picture file"),
        ("", "not that of a regular file"),
        ("file:///etc/passwd", "could not be fetched"),
        ("data:image/png;base64,AAAA", "could not be fetched"),
        ("ftp://shop.example/1.jpg", "could not be fetched"),
        ("x" * 5000, "could not be fetched"),
    ],
)
def test_a_path_that_gives_no_picture_says_why(reader: CountingReader, folder: Path, address: str, reason: str) -> None:
    os.mkfifo(folder / "pipe.jpg")
    reading = source(reader, base=folder).read(address)
    assert reason in reading.failure
    assert reading.content_sha256 is None


def test_a_large_file_is_not_read(reader: CountingReader, folder: Path) -> None:
    reading = source(reader, base=folder, settings=PictureSettings(max_bytes=1000)).read("same.jpg")
    assert "larger than 1000 bytes" in reading.failure


def test_without_a_folder_a_path_is_refused(reader: CountingReader) -> None:
    assert "without the folder" in source(reader).read("img/1.jpg").failure


def test_what_is_not_fetched_blocks_nothing_and_is_told(reader: CountingReader) -> None:
    web = Web({"https://shop.example/1.jpg": JPEG})
    readings = source(reader, web).read_all(["https://shop.example/gone.jpg", "https://shop.example/1.jpg"])
    assert "answered 404" in readings["https://shop.example/gone.jpg"].failure
    assert readings["https://shop.example/1.jpg"].failure == ""


def test_our_rules_are_those_of_the_safe_fetcher(reader: CountingReader) -> None:
    with SafeFetcher(FetchSettings()) as fetcher:
        reading = source(reader, fetcher).read("http://127.0.0.1/1.jpg")
        assert "loopback" in reading.failure
        with pytest.raises(FetchRefused):
            fetcher.get("http://127.0.0.1/1.jpg")


def test_an_address_without_a_scheme_is_fetched_over_https(reader: CountingReader) -> None:
    web = Web({"https://img.shop.example/1.jpg": JPEG})
    assert source(reader, web).read("//img.shop.example/1.jpg").failure == ""


def test_each_picture_is_fetched_and_read_once(reader: CountingReader) -> None:
    web = Web({f"https://shop.example/{name}.jpg": JPEG for name in "ab"} | {"https://shop.example/c.png": OTHER})
    store, objects = Readings(), Objects()
    pictures = source(reader, web, store=store, objects=objects)
    addresses = [*web.pages, *web.pages]
    first = pictures.read_all(addresses, organisation_id="org")
    assert (len(web.asked), reader.decoded) == (3, 2)  # the same bytes at two addresses are decoded once
    assert [reading.address for reading in first.values()] == list(web.pages)
    assert pictures.read_all(addresses, organisation_id="org") == first
    assert (len(web.asked), reader.decoded) == (3, 2)
    assert set(objects.kept.values()) == {JPEG, OTHER}
    pictures.read_all(addresses, organisation_id="other organisation")
    assert len(web.asked) == 6


def test_a_picture_that_was_not_there_is_asked_for_again(reader: CountingReader) -> None:
    web = Web({})
    pictures = source(reader, web, store=Readings())
    assert pictures.read("https://shop.example/1.jpg").failure
    web.pages["https://shop.example/1.jpg"] = JPEG
    assert pictures.read("https://shop.example/1.jpg").failure == ""


def test_a_damaged_picture_is_not_read_again_nor_kept(reader: CountingReader) -> None:
    store, objects = Readings(), Objects()
    pictures = source(reader, Web({"https://shop.example/1.jpg": JPEG[:500]}), store=store, objects=objects)
    for _ in range(2):
        assert "damaged" in pictures.read("https://shop.example/1.jpg").failure
    assert (reader.decoded, objects.kept) == (1, {})


def test_readings_of_another_reader_are_made_anew(reader: CountingReader) -> None:
    store = Readings()
    old = PictureReading(address="https://shop.example/1.jpg", content_sha256="0" * 64, reader_version="older")
    store.save_readings("local", [old])
    reading = source(reader, Web({"https://shop.example/1.jpg": JPEG}), store=store).read("https://shop.example/1.jpg")
    assert reading.content_sha256 == hashlib.sha256(JPEG).hexdigest()


def test_a_file_that_changed_is_read_again(reader: CountingReader, folder: Path) -> None:
    pictures = source(reader, base=folder, store=Readings())
    pictures.read("same.jpg")
    (folder / "same.jpg").write_bytes(OTHER)
    assert pictures.read("same.jpg").content_sha256 == hashlib.sha256(OTHER).hexdigest()


def test_a_registrys_official_pictures_are_read_in_order(reader: CountingReader, folder: Path) -> None:
    registry = Registry(
        marks=(Mark(mark_id="M2", text="云朵鹿", images=("same.jpg",)), Mark(mark_id="M1", text="晴川")),
        goods=(
            ReferenceGoods(goods_id="G2", mark_id="M1", images=("img/一.jpg", "gone.jpg")),
            ReferenceGoods(goods_id="G1", mark_id="M1", images=("same.jpg",)),
        ),
    )
    pictures = read_reference_pictures(registry, source(reader, base=folder))
    assert [(one.mark_id, one.goods_id, one.reading.address) for one in pictures] == [
        ("M1", "G1", "same.jpg"),
        ("M1", "G2", "gone.jpg"),
        ("M1", "G2", "img/一.jpg"),
        ("M2", "", "same.jpg"),
    ]
    assert [bool(one.reading.failure) for one in pictures] == [False, True, False, False]


def test_a_picture_is_decoded_once_for_each_level_and_the_fuller_reading_serves_both(reader: CountingReader) -> None:
    address, store = "https://shop.example/1.jpg", Readings()
    web = Web({address: JPEG})
    pictures = source(reader, web, store=store)
    levels: list[Level] = ["hash", "hash", "full", "full", "hash"]
    read = [pictures.read(address, level=level) for level in levels]
    assert reader.decoded == 2
    assert [reading.level for reading in read] == ["hash", "hash", "full", "full", "full"]
    assert {tuple(sorted(reading.hashes.items())) for reading in read} == {tuple(sorted(read[0].hashes.items()))}


def test_a_damaged_picture_is_not_tried_at_another_level(reader: CountingReader) -> None:
    web, store = Web({"https://shop.example/1.jpg": JPEG[:300]}), Readings()
    pictures = source(reader, web, store=store)
    assert pictures.read("https://shop.example/1.jpg").failure
    assert pictures.read("https://shop.example/1.jpg", level="full").failure
    assert reader.decoded == 1
