"""Picture readings: what is written of them, by level."""

from models.pictures import PictureReading, PrintedCode, PrintedWord

BOX = ((1, 2), (30, 2), (30, 12), (1, 12))


def test_a_reading_of_hashes_is_written_as_before_there_were_levels() -> None:
    written = PictureReading(address="a.jpg", hashes={"phash-64": "0" * 16}).model_dump(mode="json")
    assert sorted(written) == sorted(
        ["address", "content_sha256", "failure", "hashes", "height", "level", "quality", "reader_version", "width"]
    )


def test_a_full_reading_comes_back_as_it_was() -> None:
    reading = PictureReading(
        address="a.jpg",
        level="full",
        words=(PrintedWord(text="晴川", confidence=0.9, box=BOX),),
        codes=(PrintedCode(kind="qr-code", text="https://example.cn", box=BOX),),
        features="AAAA",
    )
    assert PictureReading.model_validate_json(reading.model_dump_json()) == reading
    assert reading.without_features().words == reading.words
    assert not reading.without_features().features


def test_a_full_reading_serves_every_level_and_one_of_hashes_only_its_own() -> None:
    shallow, deep = PictureReading(address="a"), PictureReading(address="a", level="full")
    assert (shallow.serves("hash"), shallow.serves("full")) == (True, False)
    assert (deep.serves("hash"), deep.serves("full")) == (True, True)
