"""Hostile pictures: two hundred files made to do harm, each put to the reader. `python -m bench.hostile_pictures`

Every one has to be rejected with a reason, in time, by a process that stays small; and the reader has to read an honest
picture afterwards. Times are those of the whole answer, on whatever else the machine does.
"""

import io
import random
import struct
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageFile

from models.pictures import Level
from streams.pictures import PictureReader, PictureSettings

FILES = 200


def hostile(seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Files by kind."""
    chance = random.Random(seed)
    honest = Image.effect_noise((400, 300), 60).convert("RGB")
    strangers = (b"MZ" + bytes(5000), b"<svg/>", archive(), b"%PDF-1.4", b"BM" + bytes(99))
    makers = (
        lambda: ("bomb: png of 60,000 x 60,000", png(60_000, 60_000, b"\0" * (1 << 20))),
        lambda: ("bomb: png of 7,000 x 7,000", png(7_000, 7_000, bytes(chance.randint(1 << 20, 140 << 20)))),
        lambda: ("bomb: png of 6,000 x 6,000 that ends early", png(6_000, 6_000, bytes(1 << 26))),
        lambda: ("bomb: gif of 65,000 x 65,000", gif(65_000, 65_000)),
        lambda: ("bomb: webp of 16,000 x 16,000", webp(16_000, 16_000)),
        lambda: ("bomb: jpeg of 60,000 x 60,000", jpeg_claiming(honest, 60_000, 60_000)),
        lambda: ("bomb: text packed in a png", png(100, 100, b"", text=bytes(100 << 20))),
        lambda: ("truncated", _cut(packed(honest, chance.choice(("JPEG", "PNG", "WEBP"))), chance)),
        lambda: ("flipped bytes", _spoilt(packed(honest, "PNG"), chance)),
        lambda: ("polyglot: zip", packed(honest, "PNG") + archive()),
        lambda: ("polyglot: html", b"GIF89a<html><script>alert(1)</script>" + packed(honest, "GIF")[6:]),
        lambda: ("polyglot: pdf", packed(honest, "JPEG")[:2] + b"\xff\xfe\0\x20%PDF-1.7" + packed(honest, "JPEG")[2:]),
        lambda: ("10,000 frames", gif(8, 8, frames=10_000)),
        lambda: ("10,000 frames", apng(10_000)),
        lambda: ("wrong extension", chance.choice(strangers)),
        lambda: ("empty or a few bytes", bytes(chance.randint(0, 12))),
        lambda: ("random bytes", chance.randbytes(chance.randint(10, 9999))),
        lambda: ("random behind a picture's head", b"\xff\xd8\xff\xe0" + chance.randbytes(4000)),
        lambda: ("too large a file", bytes(9 << 20)),
        lambda: ("other formats", packed(honest, chance.choice(("TIFF", "BMP", "PPM", "ICO", "TGA")))),
    )
    for number in range(FILES):
        yield makers[number % len(makers)]()


def packed(picture: Image.Image, kind: str) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, kind)
    return kept.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, body: bytes, *, text: bytes = b"") -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    told = chunk(b"zTXt", b"a\0\0" + zlib.compress(text, 9)) if text else b""
    return head + told + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b"")


def apng(frames: int) -> bytes:
    made = png(64, 64, bytes(64 * 193))
    at = made.index(b"IDAT") - 4
    return made[:at] + chunk(b"acTL", struct.pack(">II", frames, 0)) + made[at:]


def gif(width: int, height: int, frames: int = 1) -> bytes:
    small = packed(Image.new("P", (8, 8)), "GIF")
    image = small[small.index(b"\x2c", 13) : -1]
    return small[:6] + struct.pack("<HH", width, height) + small[10 : small.index(b"\x2c", 13)] + image * frames + b";"


def webp(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size + packed(Image.new("RGB", (16, 16)), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_claiming(picture: Image.Image, width: int, height: int) -> bytes:
    data = bytearray(packed(picture, "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        made.writestr("a.txt", "a")
    return kept.getvalue()


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(len(data) // 10, len(data) * 9 // 10)]


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(200):
        spoilt[chance.randrange(60, len(data))] ^= chance.randint(1, 255)
    return bytes(spoilt)


def peak_kib(process: int) -> int:
    """The most memory that a process has held so far."""
    with Path(f"/proc/{process}/status").open(encoding="ascii") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)


def run() -> None:
    """Put all to the process that hashes, and again to the one that reads words."""
    for level in ("features", "full"):
        _at(level)


def _at(level: Level) -> None:
    """Print how many were rejected, the slowest of each kind, and the largest process."""
    slowest: dict[str, float] = {}
    reasons: dict[str, Counter[str]] = {}
    rejected, most = 0, 0
    honest = packed(Image.effect_noise((300, 300), 60), "PNG")
    with PictureReader(PictureSettings()) as reader:
        places = reader._readers_of_words if reader.highest == level == "full" else reader._idle
        for kind, data in hostile():
            reader.read("", honest, level)  # a process that stands ready
            child = places.queue[-1]
            assert child is not None
            started = time.perf_counter()
            reading = reader.read("x.jpg", data, level)
            taken = time.perf_counter() - started
            rejected += bool(reading.failure)
            if not reading.failure:
                print("READ:", kind, reading.width, reading.height)
            slowest[kind] = max(slowest.get(kind, 0.0), taken)
            reasons.setdefault(kind, Counter())[reading.failure.split(" / ")[-1][:60]] += 1
            if child._process.poll() is None:
                most = max(most, peak_kib(child._process.pid))
        after = reader.read("", honest, level)
    for kind, taken in sorted(slowest.items(), key=lambda item: -item[1]):
        print(f"{taken:6.2f} s  {kind}: {dict(reasons[kind])}")
    print(
        f"level {level}: rejected {rejected} of {FILES}; slowest {max(slowest.values()):.2f} s;"
        f" largest process {most / 1024:.0f} MiB; an honest picture afterwards: {after.failure or 'read'}"
    )


if __name__ == "__main__":
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    run()
