"""Words and codes in pictures, read in the limited process: exactly as printed, with their boxes."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from streams.pictures import PictureReader, PictureSettings
from streams.pictures import reader as reader_module
from tests.streams.pictures.drawings import drawing, packed

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
needs_font = pytest.mark.skipif(not FONT.is_file(), reason="fonts-noto-cjk is not installed")


@pytest.fixture(scope="module")
def reader() -> Iterator[PictureReader]:
    with PictureReader(PictureSettings(word_children=1)) as reader:
        yield reader


def jpeg(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=85)
    return kept.getvalue()


def bottle(*lines: tuple[str, int, int], size: int = 44) -> Image.Image:
    """A plain picture with lines of text at given places."""
    picture = Image.new("RGB", (640, 480), "#e8e4d8")
    for text, x, y in lines:
        font = ImageFont.truetype(FONT, size, index=2) if FONT.is_file() else ImageFont.load_default(size)
        ImageDraw.Draw(picture).text((x, y), text, font=font, fill="#20242c")
    return picture


def test_a_line_is_read_with_its_box(reader: PictureReader) -> None:
    reading = reader.read("1.jpg", jpeg(bottle(("KESTRELLO", 200, 150))), "full")
    (word,) = reading.words
    assert (word.text, reading.level, reading.failure) == ("KESTRELLO", "full", "")
    assert word.confidence > 0.9
    (left, top), _, (right, bottom), _ = word.box
    assert 180 < left < 215 < 380 < right < 520
    assert 140 < top < 175 < 180 < bottom < 230


@needs_font
@pytest.mark.parametrize("name", ["云帅傅", "大白鹜", "青末了", "睛川妈妈", "雷岭泉"])
def test_a_look_alike_is_read_as_printed(reader: PictureReader, name: str) -> None:
    """A reader that corrects towards what usually stands there would say 云师傅, 大白鹭, 青未了, 晴川妈妈, 雪岭泉."""
    reading = reader.read("1.jpg", jpeg(bottle((name, 200, 150))), "full")
    assert [word.text for word in reading.words] == [name]


def test_a_line_that_runs_down_is_read_from_either_end(reader: PictureReader) -> None:
    line = bottle(("VOLTAIRA", 200, 200))
    for turn in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270):
        reading = reader.read("1.jpg", jpeg(line.transpose(turn)), "full")
        assert [word.text for word in reading.words] == ["VOLTAIRA"]


def test_a_small_picture_is_read_too(reader: PictureReader) -> None:
    small = bottle(("NORVANE", 20, 20)).crop((0, 10, 280, 90)).resize((140, 40), Image.Resampling.LANCZOS)
    reading = reader.read("1.jpg", packed(small, "PNG"), "full")
    assert [word.text for word in reading.words] == ["NORVANE"]
    assert all(0 <= x <= 140 and 0 <= y <= 40 for word in reading.words for x, y in word.box)


def test_a_code_is_read_with_its_box(reader: PictureReader) -> None:
    picture = Image.new("RGB", (800, 800), "white")
    code = zxingcpp.create_barcode("https://u.wechat.com/abc", zxingcpp.BarcodeFormat.QRCode)
    picture.paste(Image.fromarray(code.to_image(scale=6)).convert("RGB"), (420, 430))
    reading = reader.read("1.jpg", jpeg(picture), "full")
    assert [(one.kind, one.text) for one in reading.codes] == [("qr-code", "https://u.wechat.com/abc")]
    assert all(400 < x < 700 and 400 < y < 700 for x, y in reading.codes[0].box)


def test_a_picture_without_words_has_none(reader: PictureReader) -> None:
    assert reader.read("1.jpg", packed(drawing(1)), "full").words == ()


def test_lower_levels_read_no_words_and_start_no_models() -> None:
    with PictureReader() as reader:
        reading = reader.read("1.jpg", jpeg(bottle(("KESTRELLO", 200, 150))), "features")
        assert (reading.level, reading.words) == ("features", ())
        assert reading.shapes
        assert reader._readers_of_words.get_nowait() is None


def test_a_damaged_picture_is_refused_there_too_and_the_next_is_read(reader: PictureReader) -> None:
    whole = jpeg(bottle(("KESTRELLO", 200, 150)))
    assert reader.read("1.jpg", whole[: len(whole) // 3], "full").failure
    assert reader.read("1.jpg", b"<svg/>", "full").failure
    assert [word.text for word in reader.read("1.jpg", whole, "full").words] == ["KESTRELLO"]


def test_without_the_extra_pictures_are_read_to_their_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "installed", lambda: False)
    with PictureReader() as reader:
        assert reader.highest == "features"
        reading = reader.read("1.jpg", jpeg(bottle(("KESTRELLO", 200, 150))), "full")
        assert (reading.level, reading.words, reading.failure) == ("features", (), "")
