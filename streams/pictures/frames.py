"""Frames between a reader and its decoding process: four bytes of length, big endian, then so many bytes. A request's
first byte is the level to read to; the picture follows."""

from models.pictures import Level

LENGTH_BYTES = 4
LEVELS: dict[Level, bytes] = {"hash": b"h", "features": b"s", "full": b"f"}


def framed(body: bytes) -> bytes:
    """The body with its length before it."""
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def length(head: bytes) -> int:
    """How many bytes follow this head."""
    return int.from_bytes(head, "big")


def request(body: bytes) -> tuple[Level, bytes]:
    """The level and the picture of a request's body."""
    named: dict[bytes, Level] = {code: level for level, code in LEVELS.items()}
    return named[body[:1]], body[1:]
