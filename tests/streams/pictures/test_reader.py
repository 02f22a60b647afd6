"""The picture reader: what is read, what is rejected and why, and that no file harms the process that reads it."""

import io
import os
import re
import signal
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from models.pictures import PictureReading
from streams.pictures import READER_VERSION, PictureReader, PictureSettings
from tests.streams.pictures.drawings import drawing, packed


@pytest.fixture(scope="module")
def reader() -> Iterator[PictureReader]:
    with PictureReader() as reader:
        yield reader


def process_id(reader: PictureReader) -> int:
    child = reader._idle.get()
    reader._idle.put(child)
    assert child
    return child._process.pid


def bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


# --- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_kind_is_read(reader: PictureReader, kind: str) -> None:
    data = packed(drawing(1), kind)
    reading = reader.read("1.jpg", data)
    assert (reading.failure, reading.width, reading.height, reading.level) == ("", 640, 640, "hash")
    assert reading.reader_version == READER_VERSION
    assert set(reading.hashes) == {"pdq-256", "pdq-256-mirrored", "phash-64", "phash-64-mirrored"}
    assert {len(code) for name, code in reading.hashes.items() if name.startswith("pdq")} == {64}
    assert {len(code) for name, code in reading.hashes.items() if name.startswith("phash")} == {16}
    assert reading.quality == 100


def test_the_same_picture_in_every_kind_has_nearly_the_same_hashes(reader: PictureReader) -> None:
    plain = reader.read("a", packed(drawing(2), "PNG"))
    for kind in ("JPEG", "WEBP", "GIF"):
        other = reader.read("b", packed(drawing(2), kind))
        assert bits(plain.hashes["pdq-256"], other.hashes["pdq-256"]) <= 20
        assert bits(plain.hashes["phash-64"], other.hashes["phash-64"]) <= 4


def test_the_mirrored_hash_is_the_hash_of_the_mirrored_picture(reader: PictureReader) -> None:
    picture = drawing(3)
    plain = reader.read("a", packed(picture, "PNG"))
    flipped = reader.read("b", packed(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "PNG"))
    assert bits(plain.hashes["pdq-256-mirrored"], flipped.hashes["pdq-256"]) <= 4
    assert bits(plain.hashes["phash-64-mirrored"], flipped.hashes["phash-64"]) <= 4
    assert bits(plain.hashes["pdq-256"], flipped.hashes["pdq-256"]) > 64


def test_bytes_that_happen_to_spell_a_tag_are_no_page(reader: PictureReader) -> None:
    """Seen in a photograph: compressed points are any bytes, and four of them soon spell something."""
    reading = reader.read("a", packed(drawing(2), comment=b"\xbb\xf5<SVg\xca\xab\x07\xe4<heads<bodyguard"))
    assert not reading.failure


def test_orientation_is_applied_and_metadata_does_not_matter(reader: PictureReader) -> None:
    picture = drawing(4).crop((0, 0, 640, 400))
    upright = reader.read("a", packed(picture, quality=95))
    for orientation, turn in [(6, Image.Transpose.ROTATE_90), (3, Image.Transpose.ROTATE_180)]:
        exif = Image.Exif()
        exif[0x0112] = orientation
        turned = reader.read("b", packed(picture.transpose(turn), quality=95, exif=exif))
        assert (turned.width, turned.height) == (640, 400)
        assert bits(upright.hashes["pdq-256"], turned.hashes["pdq-256"]) <= 20


def test_transparency_is_laid_on_white(reader: PictureReader) -> None:
    picture = drawing(5).convert("RGBA")
    hole = Image.new("L", picture.size, 255)
    hole.paste(0, (100, 100, 300, 300))
    picture.putalpha(hole)
    white = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    holed, filled = (reader.read("a", packed(image, "PNG")) for image in (picture, white))
    assert bits(holed.hashes["pdq-256"], filled.hashes["pdq-256"]) <= 8


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_every_way_of_storing_points_is_read(reader: PictureReader, mode: str) -> None:
    if mode == "I;16":
        points = (drawing(6).convert("L").point(lambda value: value)).tobytes()
        picture = Image.frombytes("I;16", (640, 640), b"".join(bytes((0, value)) for value in points))
    else:
        picture = drawing(6).convert(mode)
    reading = reader.read("a", packed(picture, "PNG"))
    assert reading.failure == ""
    expected = reader.read("b", packed(drawing(6), "PNG"))
    assert bits(reading.hashes["pdq-256"], expected.hashes["pdq-256"]) <= (60 if mode in "1P" else 4)


def test_a_cmyk_jpeg_is_read(reader: PictureReader) -> None:
    assert reader.read("a", packed(drawing(7).convert("CMYK"))).failure == ""


@pytest.mark.parametrize("size", [(1, 1), (4, 900), (3000, 5), (8, 8)])
def test_odd_shapes_are_read(reader: PictureReader, size: tuple[int, int]) -> None:
    reading = reader.read("a", packed(Image.new("RGB", size, "red"), "PNG"))
    assert (reading.failure, reading.width, reading.height, reading.quality) == ("", *size, 0)


def test_a_flat_picture_says_that_it_has_no_structure(reader: PictureReader) -> None:
    assert reader.read("a", packed(Image.new("RGB", (500, 500), "white"))).quality == 0


def test_only_the_first_frame_of_many_counts(reader: PictureReader) -> None:
    frames = [drawing(seed, 200) for seed in (8, 9, 10)]
    moving = reader.read("a", packed(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    still = reader.read("b", packed(frames[0], "GIF"))
    assert bits(moving.hashes["pdq-256"], still.hashes["pdq-256"]) <= 8


def test_the_name_says_nothing_the_content_decides(reader: PictureReader) -> None:
    assert reader.read("really-a-png.jpg", packed(drawing(11), "PNG")).failure == ""


# --- what is rejected ------------------------------------------------------------------------------------------------


def png_claiming(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")


def gif_claiming(width: int, height: int, frame: tuple[int, int] | None = None) -> bytes:
    small = bytearray(packed(Image.new("P", (8, 8)), "GIF"))
    small[6:10] = struct.pack("<HH", width, height)
    if frame:
        at = small.index(b"\x2c", 13)
        small[at + 5 : at + 9] = struct.pack("<HH", *frame)
    return bytes(small)


def webp_claiming(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    vp8x = b"VP8X" + struct.pack("<I", 10) + bytes([0x10, 0, 0, 0]) + size
    body = b"WEBP" + vp8x + packed(Image.new("RGB", (8, 8)), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as file:
        file.writestr("run.js", "alert(1)")
    return kept.getvalue()


JPEG = packed(drawing(12))
HOSTILE: list[tuple[str, bytes, str]] = [
    ("zero bytes", b"", "empty"),
    ("one byte", b"\xff", "not a JPEG"),
    ("text", b"hello, I am a picture", "not a JPEG"),
    ("html named jpg", b"<!DOCTYPE html><html><script>alert(1)</script></html>", "not a JPEG"),
    ("svg named jpg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not a JPEG"),
    ("svg with entities", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><svg>&a;</svg>', "not a JPEG"),
    ("pdf named jpg", b"%PDF-1.7\n1 0 obj", "not a JPEG"),
    ("program named png", b"\x7fELF" + bytes(200), "not a JPEG"),
    ("tiff", packed(drawing(12), "TIFF"), "not a JPEG"),
    ("bmp", packed(drawing(12), "BMP"), "not a JPEG"),
    ("ico", packed(drawing(12, 64), "ICO"), "not a JPEG"),
    ("postscript", packed(drawing(12), "EPS"), "not a JPEG"),
    ("truncated jpeg", JPEG[: len(JPEG) // 2], "damaged"),
    ("jpeg head alone", JPEG[:20], "not a JPEG|damaged"),
    ("truncated png", packed(drawing(12), "PNG")[:3000], "damaged"),
    ("truncated webp", packed(drawing(12), "WEBP")[:3000], "damaged|not a JPEG"),
    ("truncated gif", packed(drawing(12), "GIF")[:3000], "damaged"),
    ("png bomb", png_claiming(60_000, 60_000), "60000×60000 has more than 40000000 pixels"),
    ("png just too large", png_claiming(8_001, 5_000), "8001×5000 has more than 40000000 pixels"),
    ("png of the largest claim", png_claiming(2**31 - 1, 2**31 - 1), "pixels|damaged"),
    ("png that claims more than it holds", png_claiming(6_000, 6_000), "damaged"),
    ("gif of huge screen", gif_claiming(65_535, 65_535), "65535×65535 has more than 40000000 pixels"),
    ("gif of huge frame", gif_claiming(8, 8, (65_535, 65_535)), "holds a frame of more than 40000000 pixels"),
    ("webp of huge canvas", webp_claiming(16_383, 16_383), "memory|damaged|pixels|not a JPEG"),
    ("webp of the largest canvas", webp_claiming(1 << 24, 1 << 24), "memory|damaged|pixels|not a JPEG"),
    ("jpeg and archive", JPEG + archive(), "at the same time something else \\(ZIP\\)"),
    ("gif and script", b"GIF89a/*<script>" + packed(drawing(12, 64), "GIF")[6:], "something else|not a JPEG|damaged"),
    ("jpeg and page", packed(drawing(12), comment=b"<html><script>alert(1)</script>"), "something else \\(HTML/SVG\\)"),
    ("jpeg and document", packed(drawing(12), comment=b"%PDF-1.7"), "something else \\(PDF\\)"),
    ("too large a file", JPEG + bytes(8 * 1024 * 1024), "larger than 8388608 bytes"),
]


@pytest.mark.parametrize(("data", "reason"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_file_is_rejected_with_its_reason_and_the_process_lives(
    reader: PictureReader, data: bytes, reason: str
) -> None:
    reader.read("before", JPEG)
    before = process_id(reader)
    reading = reader.read("x.jpg", data)
    assert reading.hashes == {}
    assert (reading.width, reading.height) == (0, 0)
    chinese, _, english = reading.failure.partition(" / ")
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
    assert re.search(reason, english), english
    assert process_id(reader) == before
    assert reader.read("after", JPEG).failure == ""


def test_noise_is_rejected_and_the_process_lives(reader: PictureReader) -> None:
    before = process_id(reader)
    for seed in range(60):
        broken = bytearray(JPEG if seed % 2 else packed(drawing(13, 200), "WEBP" if seed % 4 else "PNG"))
        for place in range(seed, len(broken), max(1, len(broken) // (seed + 3))):
            broken[place] ^= 0x5A
        assert isinstance(reader.read("x", bytes(broken)), PictureReading)
    assert process_id(reader) == before
    assert reader.read("after", JPEG).failure == ""


# --- what happens to the process -------------------------------------------------------------------------------------


def test_a_killed_process_is_replaced(reader: PictureReader) -> None:
    reader.read("a", JPEG)
    first = process_id(reader)
    os.kill(first, signal.SIGKILL)
    assert reader.read("b", JPEG).failure == ""
    assert process_id(reader) != first


def test_a_picture_that_takes_too_long_costs_itself_alone() -> None:
    with PictureReader(PictureSettings(wait_s=2)) as reader:
        reader.read("a", JPEG)
        first = process_id(reader)
        os.kill(first, signal.SIGSTOP)  # what an endless decoder looks like from outside
        stuck = reader.read("b", JPEG)
        assert "longer than allowed" in stuck.failure
        assert reader.read("c", JPEG).failure == ""
        assert process_id(reader) != first


def test_a_jpeg_of_thousands_of_scans_costs_itself_alone() -> None:
    plain = packed(Image.new("L", (6_000, 6_000), 200), progressive=True)
    scan = plain[plain.rindex(b"\xff\xda") : -2]
    with PictureReader(PictureSettings(cpu_s=1)) as reader:
        assert "longer than allowed" in reader.read("a", plain[:-2] + scan * 5_000 + b"\xff\xd9").failure
        assert reader.read("b", JPEG).failure == ""


def test_a_picture_that_needs_too_much_memory_is_rejected_and_the_process_lives() -> None:
    large = packed(Image.new("RGB", (6_000, 6_000), "red"), "PNG")
    with PictureReader(PictureSettings(memory_bytes=64 * 1024 * 1024)) as reader:
        first = process_id(reader) if reader.read("a", JPEG).failure == "" else 0
        assert "more memory than allowed" in reader.read("b", large).failure
        assert reader.read("c", JPEG).failure == ""
        assert process_id(reader) == first


def test_the_process_has_given_up_what_it_does_not_need(reader: PictureReader) -> None:
    reader.read("a", JPEG)
    process = Path(f"/proc/{process_id(reader)}")
    limits = {line[:26].strip(): line[26:].split()[0] for line in (process / "limits").read_text("ascii").splitlines()}
    assert limits["Max file size"] == "0"
    assert limits["Max core file size"] == "0"
    assert limits["Max open files"] == "16"
    assert limits["Max address space"].isdecimal()
    assert limits["Max cpu time"].isdecimal()
    environment = (process / "environ").read_bytes()
    assert {entry.partition(b"=")[0] for entry in environment.split(b"\0") if entry} == {
        b"PYTHONPATH", b"OPENBLAS_NUM_THREADS", b"OMP_NUM_THREADS", b"LC_ALL",
    }  # fmt: skip


def test_threads_share_a_reader() -> None:
    pictures = [packed(drawing(seed, 300)) for seed in range(8)]
    with PictureReader(PictureSettings(children=2)) as reader:
        expected = [reader.read(str(place), data) for place, data in enumerate(pictures)]
        answers: dict[int, PictureReading] = {}

        def read(place: int) -> None:
            answers[place] = reader.read(str(place), pictures[place])

        threads = [threading.Thread(target=read, args=(place,)) for place in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [answers[place] for place in range(8)] == expected


def test_closing_ends_the_process() -> None:
    reader = PictureReader()
    reader.read("a", JPEG)
    child = process_id(reader)
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
