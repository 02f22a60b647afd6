"""Copies that are not whole: parts, frames, turns, insets and mirrors are found by corners, neighbours are not."""

import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from detectors.pictures import PictureIndex
from detectors.pictures.agreement import Agreement
from detectors.pictures.borders import within_border
from detectors.pictures.features import features, packed, unpacked
from detectors.pictures.matching import OF_RELATED, PART, judge_part
from detectors.pictures.overlay import overlay
from models.pictures import PictureReading, ReferencePicture
from streams.pictures import PictureReader
from tests.streams.pictures.drawings import drawing
from tests.streams.pictures.drawings import packed as file_of

OFFICIAL = range(400, 424)
Change = Callable[[Image.Image], Image.Image]


def with_banner(picture: Image.Image) -> Image.Image:
    covered = picture.copy()
    ImageDraw.Draw(covered).rectangle((0, 480, 640, 640), fill=(250, 220, 20))
    return covered


def inset(picture: Image.Image) -> Image.Image:
    ground = drawing(7).resize((1280, 1280))
    ground.paste(picture, (500, 300))
    return ground.resize((700, 700))


def watermarked(picture: Image.Image) -> Image.Image:
    """With a stranger's words all over, half seen through."""
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    font = ImageFont.load_default(size=84)
    for row, ink in enumerate([(255, 255, 255, 150), (0, 0, 0, 150), (200, 30, 30, 150), (255, 255, 255, 150)]):
        pen.text((30 + 40 * row, 20 + 150 * row), "SHOP 8899", ink, font)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


CHANGES: dict[str, Change] = {
    "a part": lambda picture: picture.crop((120, 90, 600, 570)),
    "half of each side": lambda picture: picture.crop((200, 200, 520, 520)),
    "a frame": lambda picture: ImageOps.expand(picture, 60, (240, 240, 240)),
    "a wide frame on two sides": lambda picture: ImageOps.expand(picture, (0, 90, 0, 90), (10, 20, 30)),
    "turned": lambda picture: picture.rotate(6, Image.Resampling.BICUBIC, fillcolor="white"),
    "a banner": with_banner,
    "in another picture": inset,
    "a watermark": watermarked,
    "on its side": lambda picture: picture.rotate(90, expand=True),
    "on its head, in a mirror": lambda picture: ImageOps.flip(picture),
    "a part, mirrored": lambda picture: ImageOps.mirror(picture.crop((60, 60, 560, 500))),
}


@pytest.fixture(scope="module")
def reader() -> Iterator[PictureReader]:
    with PictureReader() as reader:
        yield reader


@pytest.fixture(scope="module")
def entries(reader: PictureReader) -> list[ReferencePicture]:
    return [
        ReferencePicture(
            mark_id="M1",
            goods_id=f"G{seed}",
            reading=reader.read(f"{seed}.png", file_of(drawing(seed), "PNG"), "features"),
        )
        for seed in OFFICIAL
    ]


@pytest.fixture(scope="module")
def index(entries: list[ReferencePicture]) -> PictureIndex:
    return PictureIndex.build(entries)


def named(index: PictureIndex, reading: PictureReading) -> list[str]:
    return [found.reference.goods_id for found in index.matches([reading])[0] if found.match.copied]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_is_found_and_nothing_else(reader: PictureReader, index: PictureIndex, change: Change) -> None:
    for seed in list(OFFICIAL)[:4]:
        reading = reader.read("q.jpg", file_of(change(drawing(seed)), quality=80), "features")
        assert named(index, reading) == [f"G{seed}"]


def test_under_a_watermark_the_rest_is_equal_to_the_last_degree() -> None:
    """Counts as measured: a photograph under a watermark, and a package of the same series in another flavour."""

    def seen(textured: int, related: int, agreeing: int, exact: int) -> Agreement:
        return Agreement(np.eye(3)[:2], textured, related, agreeing, exact, 1.0, 1.0)

    under = judge_part(seen(222, 213, 176, 151), 113, mirrored=False)
    assert under is not None
    assert under.score == PART.least
    assert judge_part(seen(206, 133, 99, 68), 84, mirrored=False) is None
    assert judge_part(seen(90, 74, 60, 37), 50, mirrored=False) is None


def test_a_part_says_how_much_of_the_official_picture_is_seen(reader: PictureReader, index: PictureIndex) -> None:
    part = drawing(OFFICIAL[0]).crop((0, 0, 480, 480))
    (found,) = index.matches([reader.read("q", file_of(part), "features")])[0]
    assert found.match.partly
    assert found.match.share == pytest.approx((480 / 640) ** 2, abs=0.05)
    assert found.match.corners >= 10
    assert PART.least <= found.match.score <= PART.most


def test_pictures_that_are_no_copies_are_not_told(reader: PictureReader, index: PictureIndex) -> None:
    for seed in range(500, 520):
        assert named(index, reader.read("q", file_of(drawing(seed)), "features")) == []


def test_the_same_mark_on_another_picture_is_no_copy(reader: PictureReader) -> None:
    """Packages of one series: the same emblem and words, all else another."""
    one, other = drawing(600), drawing(601)
    emblem = drawing(602, 220)
    for picture in (one, other):
        picture.paste(emblem, (210, 210))
    index = PictureIndex.build(
        [ReferencePicture(mark_id="M1", goods_id="G", reading=reader.read("a", file_of(one), "features"))]
    )
    assert named(index, reader.read("b", file_of(other), "features")) == []
    assert named(index, reader.read("c", file_of(one.crop((80, 80, 640, 640))), "features")) == ["G"]


def test_a_reading_of_hashes_alone_is_compared_by_hashes(reader: PictureReader, index: PictureIndex) -> None:
    part = file_of(drawing(OFFICIAL[0]).crop((120, 90, 600, 570)))
    assert named(index, reader.read("q", part, "hash")) == []
    assert named(index, reader.read("q", part, "features")) == [f"G{OFFICIAL[0]}"]


def test_a_frame_is_looked_past_by_hashes_alone(reader: PictureReader, index: PictureIndex) -> None:
    framed = ImageOps.expand(drawing(OFFICIAL[1]), 70, (255, 255, 255))
    assert named(index, reader.read("q", file_of(framed), "hash")) == [f"G{OFFICIAL[1]}"]
    assert named(index, reader.read("q", file_of(ImageOps.mirror(framed)), "hash")) == [f"G{OFFICIAL[1]}"]


def test_the_nearest_by_a_part_outranks_all_others(reader: PictureReader, index: PictureIndex) -> None:
    part = reader.read("q", file_of(drawing(OFFICIAL[2]).crop((150, 150, 600, 600))), "features")
    hits = index.nearest(part, 5)
    assert hits[0].goods_id == f"G{OFFICIAL[2]}"
    assert hits[0].score >= PART.least > 0.5 > hits[1].score
    assert hits[0].finding("q").fact == "official-picture-part-nearness"


@pytest.mark.parametrize("kept", [0, 5, 20, 24])
def test_a_base_of_other_pictures_with_a_delta_answers_like_a_new_index(
    reader: PictureReader, entries: list[ReferencePicture], kept: int
) -> None:
    """Some pictures were added since the base was built, some went, one was read anew."""
    from detectors.pictures.segment import segment_arrays

    base = segment_arrays(sorted(entries[:kept], key=lambda entry: entry.reading.address))
    now = entries[2:]
    over, built = PictureIndex.over(base, now), PictureIndex.build(now)
    assert over.version == built.version
    assert over.delta_size() == len(set(range(kept)) ^ set(range(2, 24)))
    for seed in (OFFICIAL[0], OFFICIAL[4], OFFICIAL[-1]):
        for change in (CHANGES["a part"], CHANGES["a frame"]):
            reading = reader.read("q", file_of(change(drawing(seed))), "features")
            assert over.matches([reading]) == built.matches([reading])
            assert over.nearest(reading, 4) == built.nearest(reading, 4)


def test_features_come_back_from_their_text() -> None:
    found = features(drawing(1))
    back = unpacked(packed(found))
    assert back is not None
    assert np.array_equal(back.codes, found.codes)
    assert np.array_equal(back.thumb, found.thumb)
    assert np.abs(back.places - found.places).max() < 0.02
    assert len(found) > 100


@pytest.mark.parametrize("text", ["", "x", "AAAA", "////", packed(features(drawing(1)))[:400]])
def test_what_is_no_features_is_told_as_none(text: str) -> None:
    assert unpacked(text) is None


def test_the_features_of_the_mirror_image_are_those_of_the_mirrored_picture() -> None:
    plain, turned = features(drawing(3)), features(ImageOps.mirror(drawing(3)))
    laid = overlay(turned, plain.in_mirror())
    assert laid is not None
    assert len(laid.pairs) > 0.7 * len(plain)
    assert np.allclose(laid.seen.transform, [[1, 0, 0], [0, 1, 0]], atol=1.5)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (600, 8), (40, 40)])
def test_odd_shapes_have_features_or_none(size: tuple[int, int]) -> None:
    found = features(drawing(5).resize(size))
    assert overlay(found, features(drawing(5))) is None or len(found) > 3
    assert overlay(features(Image.new("L", size)), found) is None


def test_overlay_tells_where_a_part_lies() -> None:
    whole, part = drawing(9), drawing(9).crop((160, 80, 560, 480))
    laid = overlay(features(part), features(whole))
    assert laid is not None
    # 256 points a side in both: a point of the whole is 640 / 400 as large in the part, after the crop's corner.
    assert np.allclose(laid.seen.transform, [[1.6, 0, -160 * 256 / 400], [0, 1.6, -80 * 256 / 400]], atol=4)
    assert laid.seen.agreeing >= OF_RELATED * laid.seen.related


def test_only_an_even_border_is_trimmed() -> None:
    grey = np.asarray(drawing(11).convert("L"))
    assert within_border(grey) is None
    framed = np.asarray(ImageOps.expand(drawing(11).convert("L"), (30, 0, 30, 50), 200))
    box = within_border(framed)
    assert box is not None
    assert (abs(box[0] - 31) <= 2, box[1], abs(box[2] - 669) <= 2, abs(box[3] - 639) <= 2) == (True, 0, True, True)
    assert within_border(np.full((80, 80), 7, dtype=np.uint8)) is None


def test_random_edits_are_found_again(reader: PictureReader, index: PictureIndex) -> None:
    chance = random.Random(12)
    found = 0
    for seed in list(OFFICIAL)[:12]:
        wide = chance.randint(420, 600)
        left, top = chance.randint(0, 640 - wide), chance.randint(0, 640 - wide)
        picture = (
            drawing(seed).crop((left, top, left + wide, top + wide)).rotate(chance.uniform(-4, 4), fillcolor="white")
        )
        reading = reader.read("q", file_of(picture, quality=chance.randint(50, 90)), "features")
        found += named(index, reading) == [f"G{seed}"]
    assert found >= 11
