"""Files that people bring: pictures, decoded in a limited process before they are kept, and reports as PDF."""

from typing import NamedTuple

from models.errors import InputError, NotInstalledError
from models.pictures import PictureReading
from review_api.api.pictures import content_type
from review_api.desk import Desk

MOST_BYTES = 8 << 20
PDF = b"%PDF-"
PDF_TYPE = "application/pdf"


class Brought(NamedTuple):
    """A file as it came: its name and bytes."""

    name: str
    data: bytes


def read_picture(at_desk: Desk, brought: Brought, address: str) -> PictureReading:
    """Decode a picture and keep its bytes. Raises `InputError` with the reason for one that is not taken."""
    _check_size(brought)
    if content_type(brought.data) is None:
        raise InputError(
            "文件不是 PNG、JPEG、GIF 或 WebP 图片 / this is no PNG, JPEG, GIF or WebP picture",
            where=brought.name,
            mend="换成图片文件 / choose a picture",
        )
    if at_desk.decoder is None:
        raise NotInstalledError(
            "本机未启用图片解码，不能上传图片 / pictures cannot be decoded here, so none is taken", where=brought.name
        )
    reading = at_desk.decoder.read(address, brought.data)
    if reading.failure:
        raise InputError(reading.failure, where=brought.name, mend="换一张图片 / choose another picture")
    at_desk.objects.put(brought.data)
    return reading


def keep_file(at_desk: Desk, brought: Brought) -> str:
    """Keep a picture or a PDF; returns its SHA-256. Raises `InputError`."""
    _check_size(brought)
    if brought.data.startswith(PDF):
        return at_desk.objects.put(brought.data)
    reading = read_picture(at_desk, brought, f"upload:{brought.name[:100]}")
    return reading.content_sha256 or at_desk.objects.put(brought.data)


def file_type(data: bytes) -> str | None:
    """The type that a kept file is given out as; None for what is never given out."""
    return PDF_TYPE if data.startswith(PDF) else content_type(data)


def _check_size(brought: Brought) -> None:
    if not brought.data:
        raise InputError("文件是空的 / the file is empty", where=brought.name, mend="选择文件 / choose a file")
    if len(brought.data) > MOST_BYTES:
        raise InputError(
            f"文件超过 {MOST_BYTES >> 20} MB / the file is larger than {MOST_BYTES >> 20} MB",
            where=brought.name,
            mend="压缩后再传 / make it smaller",
        )
