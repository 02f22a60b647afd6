"""Picture readings: what one picture yielded, by level. The bytes themselves live in the object store."""

from typing import Annotated, Literal

from pydantic import Field

from models.values import Value

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PictureReading(Value):
    """The result of reading one picture (图片识别结果). Level `hash` has dimensions and hashes.

    `hashes` maps the exact hash variant (`pdq-256`, `phash-64`) to lower-case hex; `failure` says why a picture could
    not be fetched or decoded, in which case it has no content hash or no hashes.
    """

    address: str
    content_sha256: Sha256 | None = None
    level: Literal["hash", "full"] = "hash"
    reader_version: str = ""
    width: Annotated[int, Field(ge=0)] = 0
    height: Annotated[int, Field(ge=0)] = 0
    hashes: dict[str, str] = Field(default_factory=dict)
    quality: Annotated[int, Field(ge=0, le=100)] = 0
    failure: str = ""


class ReferencePicture(Value):
    """One official picture of a mark or of its goods, as read."""

    mark_id: str
    goods_id: str = ""
    reading: PictureReading
