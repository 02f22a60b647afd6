"""Animation: how many frames a file says or shows that it has, told from its structure without decoding any.

Owns the walk over the blocks of GIF, the chunks of PNG and of WebP. What is broken is counted as far as it goes: the
decoder will say that it is broken.
"""

IMAGE, EXTENSION = 0x2C, 0x21
TABLE = 0x80


def frame_count(data: bytes) -> int:
    """Frames of a GIF, an animated PNG or an animated WebP; 1 for whatever else."""
    if data.startswith((b"GIF87a", b"GIF89a")):
        return _of_gif(data)
    if data.startswith(b"\x89PNG"):
        return _of_png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _of_webp(data)
    return 1


def _of_gif(data: bytes) -> int:
    frames, at = 0, 13
    if len(data) > 10 and data[10] & TABLE:
        at += 3 << (data[10] & 7) + 1
    while at < len(data):
        if data[at] == IMAGE:
            frames += 1
            if len(data) <= at + 9:
                break
            at += 10 + ((3 << (data[at + 9] & 7) + 1) if data[at + 9] & TABLE else 0) + 1
        elif data[at] == EXTENSION:
            at += 2
        else:
            break
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return max(1, frames)


def _of_png(data: bytes) -> int:
    at = 8
    while at + 8 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name == b"acTL":
            return int.from_bytes(data[at + 8 : at + 12], "big")
        if name == b"IDAT":
            break
        at += 12 + length
    return 1


def _of_webp(data: bytes) -> int:
    frames, at = 0, 12
    while at + 8 <= len(data):
        frames += data[at : at + 4] == b"ANMF"
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
    return max(1, frames)
