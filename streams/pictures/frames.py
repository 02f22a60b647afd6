"""Frames between a reader and its decoding process: four bytes of length, big endian, then so many bytes."""

LENGTH_BYTES = 4


def framed(body: bytes) -> bytes:
    """The body with its length before it."""
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def length(head: bytes) -> int:
    """How many bytes follow this head."""
    return int.from_bytes(head, "big")
