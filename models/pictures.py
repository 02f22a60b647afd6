"""Picture readings: what one picture yielded, by level. The bytes themselves live in the object store."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from models.values import Value

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

Level = Literal["hash", "features", "full"]
"""How much is read of a picture: `hash` its dimensions and hashes; `features` also local features and shapes, which is
what official pictures are read to; `full` also words and codes. Each level holds what stands before it."""

LEVELS: tuple[Level, ...] = get_args(Level)


def lower(one: Level, other: Level) -> Level:
    """The lower of two levels."""
    return min(one, other, key=LEVELS.index)


OF_FULL = frozenset({"words", "codes", "features", "shapes"})
"""The fields of a reading that only levels above `hash` fill."""

Corner = tuple[int, int]
Box = tuple[Corner, Corner, Corner, Corner]
"""Where something stands in a picture: four corners (x, y) in points of the upright picture of `width` x `height`,
clockwise from what is the upper left corner when the thing itself is read upright. They need not be parallel to the
picture's edges."""


class PrintedWord(Value):
    """A line of text printed in a picture, exactly as read: never corrected towards anything."""

    text: str
    confidence: Annotated[float, Field(ge=0, le=1)]
    box: Box


class PrintedCode(Value):
    """A machine-readable code in a picture. `kind` is its symbology (`qr-code`, `ean-13`)."""

    kind: str
    text: str
    box: Box


class PictureReading(Value):
    """The result of reading one picture (图片识别结果), to one of the levels.

    `hashes` maps the exact hash variant (`pdq-256`, `phash-64`) to lower-case hex; `features` are local features as
    `detectors.pictures.features` packs them, `shapes` the picture's parts as drawings, as
    `detectors.pictures.devices.outlines` packs them; `failure` says why a picture could not be fetched or decoded, in
    which case it has no content hash or no hashes.
    """

    address: str
    content_sha256: Sha256 | None = None
    level: Level = "hash"
    reader_version: str = ""
    width: Annotated[int, Field(ge=0)] = 0
    height: Annotated[int, Field(ge=0)] = 0
    hashes: dict[str, str] = Field(default_factory=dict)
    quality: Annotated[int, Field(ge=0, le=100)] = 0
    words: tuple[PrintedWord, ...] = ()
    codes: tuple[PrintedCode, ...] = ()
    features: str = ""
    shapes: str = ""
    failure: str = ""

    @model_serializer(mode="wrap")
    def _as_ever(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Written as before there were words, codes and features where there are none: dossiers are sealed by a digest
        of what is written."""
        written: dict[str, Any] = write(self)
        return {name: value for name, value in written.items() if value or name not in OF_FULL}

    def serves(self, level: Level) -> bool:
        """Whether this reading holds what that level asks for."""
        return LEVELS.index(self.level) >= LEVELS.index(level)

    def without_features(self) -> "PictureReading":
        """The reading as people keep it: local features and shapes are for machines and long."""
        return self.model_copy(update={"features": "", "shapes": ""})


class ReferencePicture(Value):
    """One official picture of a mark or of its goods, as read."""

    mark_id: str
    goods_id: str = ""
    reading: PictureReading


Place = tuple[float, float]
"""A point of a picture as shares of its width and height; 0..1 within it."""


class PictureLaid(Value):
    """How an official picture lies over another (叠合): `points` are places of the same thing, first in the other
    picture, then in the official one; `frame` is where the official picture's corners come to lie in the other,
    clockwise from the upper left. Of `related` patches `agreeing` show the same."""

    points: tuple[tuple[Place, Place], ...] = ()
    frame: tuple[Place, Place, Place, Place]
    agreeing: int = 0
    related: int = 0
    mirrored: bool = False


class PictureFound(Value):
    """One official picture as found for another: how near, by which comparison, and how one lies over the other."""

    mark_id: str
    goods_id: str = ""
    reading: PictureReading
    score: Annotated[float, Field(ge=0, le=1)]
    hash: str
    distance: Annotated[int, Field(ge=0)]
    copied: bool = False
    laid: PictureLaid | None = None


class PictureSearch(Value):
    """What a search of the registry with a picture came to: the picture as read, and what was found, nearest first."""

    reading: PictureReading
    found: tuple[PictureFound, ...] = ()
