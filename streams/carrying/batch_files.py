"""The batch file: one site's messages of one topic, in their order, numbered, chained and signed. docs/carrying.md
describes it for other programs.

    JIANZHEN-BATCH 1 LF                       what it is
    HEADER LF                                 one line of JSON, see `Header`
    MESSAGE …                                 partition u32, offset u64, key length u32, body length u32 (big-endian),
                                              then key and body, byte for byte
    SIGNATURE                                 64 bytes: Ed25519 over everything before it

A reader believes nothing but the size before the signature holds: the header alone is looked at to find the key.
"""

import hashlib
import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ConfigDict, Field, ValidationError

from models.errors import FileRejected
from models.values import Value
from streams.carrying.settings import SITE_PATTERN
from streams.carrying.signing import SIGNATURE_BYTES, Trusted, verified

MAGIC = b"JIANZHEN-BATCH 1\n"
SUFFIX = ".batch"
LONGEST_HEADER = 65_536
NO_PREVIOUS = "0" * 64
_HEAD = struct.Struct(">IQII")

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**63)]


@dataclass(frozen=True)
class Message:
    """One message as it was on the sending side's bus."""

    partition: int
    offset: int
    key: str
    body: bytes


class Header(Value):
    """What a batch says of itself. `previous` is the SHA-256 of the whole file before it in its stream, zeros for the
    first; `partitions` has partition, first and last offset; `bytes` is the length of all messages."""

    model_config = ConfigDict(hide_input_in_errors=True)

    format: Literal[1] = 1
    site: Annotated[str, Field(pattern=SITE_PATTERN)]
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")]
    sequence: Annotated[int, Field(ge=1, lt=2**63)]
    previous: Digest
    made_at: datetime
    messages: Count
    bytes: Count
    partitions: tuple[tuple[Count, Count, Count], ...]

    @property
    def name(self) -> str:
        """The file's usual name. Readers go by the header."""
        return f"{self.site}--{self.topic}--{self.sequence:012d}{SUFFIX}"


@dataclass(frozen=True)
class Batch:
    """A batch that is proved: header, messages, and the SHA-256 of its file."""

    header: Header
    messages: tuple[Message, ...]
    digest: str


class StillArriving(FileRejected):
    """The file ends before what its header announces; it may be on its way."""


def sealed(
    messages: Sequence[Message],
    *,
    site: str,
    topic: str,
    sequence: int,
    previous: str,
    made_at: datetime,
    key: Ed25519PrivateKey,
) -> tuple[Header, bytes]:
    """A batch file's header and bytes."""
    body = b"".join(_record(message) for message in messages)
    header = Header(
        site=site,
        topic=topic,
        sequence=sequence,
        previous=previous,
        made_at=made_at,
        messages=len(messages),
        bytes=len(body),
        partitions=_ranges(messages),
    )
    content = MAGIC + header.model_dump_json().encode() + b"\n" + body
    return header, content + key.sign(content)


def record_length(message: Message) -> int:
    """How many bytes the message takes in a file."""
    return _HEAD.size + len(message.key.encode()) + len(message.body)


def read_header(path: Path) -> Header:
    """What the file says of itself, not yet believed. Raises `FileRejected`, `StillArriving`."""
    with path.open("rb") as file:
        return _split(file.read(len(MAGIC) + LONGEST_HEADER), str(path))[0]


def read_batch(path: Path, trusted: Trusted, *, largest: int) -> Batch:
    """The proved batch. Raises `FileRejected` for a file that is too large, no batch, by nobody trusted or changed, and
    `StillArriving` for one that is cut short."""
    where = str(path)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(size) if size <= largest else b""
    if size > largest:
        raise FileRejected(
            f"文件超过 {largest} 字节 / the file is larger than {largest} bytes",
            where=where,
            mend="发送方调小 carry.batch_bytes / lower carry.batch_bytes at its sender",
        )
    header, start = _split(data, where)
    content, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    keys = trusted.get(header.site)
    if not keys:
        raise FileRejected(
            f"站点 {header.site} 没有可信公钥 / no public key is trusted for the site {header.site}",
            where=where,
            mend=f"核实后放入 {header.site}.pub / put its key there once you have verified it",
        )
    expected = start + header.bytes + SIGNATURE_BYTES
    if len(data) < expected:
        raise StillArriving(
            f"文件不完整: {len(data)}/{expected} 字节 / the file is cut short: {len(data)} of {expected} bytes",
            where=where,
            mend="重新传送 / transfer it again",
        )
    if not verified(keys, content, signature):
        raise FileRejected(
            "签名不符，内容被改动或密钥不对 / the signature does not hold: the file was changed, or another key signed",
            where=where,
            mend="重新传送原文件 / transfer the original again",
        )
    messages = tuple(_messages(content[start:], where))
    if len(messages) != header.messages or len(content) - start != header.bytes:
        raise _malformed(where, "messages")
    return Batch(header, messages, hashlib.sha256(data).hexdigest())


def _split(data: bytes, where: str) -> tuple[Header, int]:
    """The header and where the messages start."""
    if not data.startswith(MAGIC):
        if MAGIC.startswith(data):
            raise StillArriving("文件为空或不完整 / the file is empty or cut short", where=where)
        raise FileRejected("不是批次文件 / not a batch file", where=where, mend="移走 / move it away")
    end = data.find(b"\n", len(MAGIC), len(MAGIC) + LONGEST_HEADER)
    if end < 0:
        if len(data) < len(MAGIC) + LONGEST_HEADER:
            raise StillArriving("文件头不完整 / the header is cut short", where=where)
        raise _malformed(where, "header")
    try:
        header = Header.model_validate_json(data[len(MAGIC) : end])
    except ValidationError:
        raise _malformed(where, "header") from None
    return header, end + 1


def _record(message: Message) -> bytes:
    key = message.key.encode()
    return _HEAD.pack(message.partition, message.offset, len(key), len(message.body)) + key + message.body


def _messages(body: bytes, where: str) -> Iterable[Message]:
    place = 0
    while place < len(body):
        if place + _HEAD.size > len(body):
            raise _malformed(where, "message")
        partition, offset, key_length, body_length = _HEAD.unpack_from(body, place)
        key_end = place + _HEAD.size + key_length
        if key_end + body_length > len(body):
            raise _malformed(where, "message")
        try:
            key = body[place + _HEAD.size : key_end].decode()
        except UnicodeDecodeError:
            raise _malformed(where, "key") from None
        yield Message(partition, offset, key, body[key_end : key_end + body_length])
        place = key_end + body_length


def _ranges(messages: Iterable[Message]) -> tuple[tuple[int, int, int], ...]:
    found: dict[int, tuple[int, int]] = {}
    for message in messages:
        first, _ = found.get(message.partition, (message.offset, message.offset))
        found[message.partition] = (first, message.offset)
    return tuple((partition, *span) for partition, span in sorted(found.items()))


def _malformed(where: str, part: str) -> FileRejected:
    return FileRejected(f"批次文件格式有误: {part} / the batch file is malformed: {part}", where=where)
