"""Device marks: a mark redrawn is found again by its shape, whatever its colours, its plate or the words beside it."""

import io
import math
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from detectors.pictures.devices import DeviceIndex, drawings, unpacked
from detectors.pictures.devices.alignment import agreement, edges
from detectors.pictures.devices.drawings import CUT_OUT, PART, WHOLE
from detectors.pictures.devices.outlines import packed
from models.pictures import PictureReading, ReferencePicture

Draw = Callable[[ImageDraw.ImageDraw, float, float, float, str], None]


def _polygon(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, ink: str, radii: list[float]) -> None:
    count = len(radii)
    points = [
        (
            x + size * radius * math.sin(2 * math.pi * place / count),
            y - size * radius * math.cos(2 * math.pi * place / count),
        )
        for place, radius in enumerate(radii)
    ]
    draw.polygon(points, fill=ink)


def star(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, ink: str) -> None:
    _polygon(draw, x, y, size, ink, [1, 0.4] * 5)


def arrow(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, ink: str) -> None:
    draw.polygon([(x, y - size), (x + size * 0.8, y), (x - size * 0.8, y)], fill=ink)
    draw.rectangle((x - size * 0.25, y, x + size * 0.25, y + size), fill=ink)


def leaf(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, ink: str) -> None:
    draw.pieslice((x - size, y - size, x + size, y + size), 180, 270, fill=ink)
    draw.line((x, y, x + size * 0.8, y + size * 0.8), fill=ink, width=max(2, round(size * 0.2)))


def waves(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, ink: str) -> None:
    for row in (-0.6, 0.0, 0.6):
        for half in (-1, 0):
            left = x + half * size
            box = (left, y + row * size - size * 0.3, left + size, y + row * size + size * 0.3)
            draw.arc(box, 180 if half else 0, 360 if half else 180, fill=ink, width=max(2, round(size * 0.15)))


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, ink: str) -> None:
    draw.ellipse((x - size, y - size, x + size, y + size), fill=ink)


def frame(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, ink: str) -> None:
    draw.rectangle((x - size, y - size, x + size, y + size), outline=ink, width=max(3, round(size * 0.25)))


MARKS: dict[str, Draw] = {"star": star, "arrow": arrow, "leaf": leaf, "waves": waves, "disc": disc, "frame": frame}


def picture(
    draw_mark: Draw, *, ground: str = "white", ink: str = "black", side: int = 96, size: float = 0.45
) -> Image.Image:
    made = Image.new("RGB", (side * 4, side * 4), ground)
    draw_mark(ImageDraw.Draw(made), side * 2, side * 2, size * side * 4, ink)
    return made.resize((side, side), Image.Resampling.LANCZOS)


def reading(made: Image.Image, address: str = "q.png") -> PictureReading:
    return PictureReading(
        address=address, level="features", shapes=packed(drawings(made)), width=made.width, height=made.height
    )


@pytest.fixture(scope="module")
def index() -> DeviceIndex:
    return DeviceIndex.build(
        ReferencePicture(mark_id=name, reading=reading(picture(draw), f"{name}.png")) for name, draw in MARKS.items()
    )


def nearest(index: DeviceIndex, made: Image.Image) -> list[str]:
    return [hit.mark_id for hit in index.nearest(reading(made), 10)]


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_is_found_in_other_colours_and_sizes(index: DeviceIndex, name: str) -> None:
    for made in (
        picture(MARKS[name], ink="#c8102e", side=200),
        picture(MARKS[name], ground="#103060", ink="#ffd000", side=128, size=0.3),
        picture(MARKS[name], ground="black", ink="white", size=0.4),
    ):
        assert nearest(index, made)[0] == name


@pytest.mark.parametrize("name", ["star", "arrow", "leaf", "waves"])
def test_a_mark_on_a_plate_is_found_beside_the_plate(index: DeviceIndex, name: str) -> None:
    """A white star on a blue disc is near to the star and to the disc, and to nothing else as much."""
    made = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(made)
    disc(draw, 200, 200, 190, "#1f4fa0")
    MARKS[name](draw, 200, 200, 100, "white")
    assert set(nearest(index, made)[:2]) == {name, "disc"}


def test_a_mark_beside_other_things_is_found_with_its_place(index: DeviceIndex) -> None:
    made = Image.new("RGB", (600, 200), "white")
    draw = ImageDraw.Draw(made)
    star(draw, 90, 100, 80, "#127a3c")
    draw.text((260, 60), "NORVANE", fill="black", font_size=64)
    hit = index.nearest(reading(made), 3)[0]
    assert (hit.mark_id, hit.part) == ("star", PART)
    left, _, right, _ = hit.where
    assert left < 0.1
    assert right < 0.35


def test_the_reason_is_how_far_the_edges_run_together(index: DeviceIndex) -> None:
    first, *others = index.nearest(reading(picture(star, ink="navy", side=150)), 6)
    assert first.agreement > 0.9
    assert all(first.agreement > other.agreement for other in others)


def test_a_picture_without_shapes_is_near_to_nothing(index: DeviceIndex) -> None:
    blank = reading(Image.new("RGB", (300, 300), "#8090a0"))
    assert blank.shapes == ""
    assert index.nearest(blank, 5) == []


def test_an_empty_registry_answers_nothing() -> None:
    assert DeviceIndex.build(()).nearest(reading(picture(star)), 5) == []


def test_pictures_of_goods_are_no_marks() -> None:
    goods = ReferencePicture(mark_id="star", goods_id="G1", reading=reading(picture(star)))
    assert DeviceIndex.build([goods]).entries == ()


def test_order_of_pictures_changes_neither_version_nor_hits(index: DeviceIndex) -> None:
    turned = DeviceIndex.build(reversed(index.entries))
    asked = reading(picture(leaf, ink="green", side=180))
    assert turned.version == index.version
    assert turned.nearest(asked, 6) == index.nearest(asked, 6)


def test_the_parts_of_a_picture_survive_being_kept() -> None:
    made = drawings(picture(frame))
    kept = unpacked(packed(made))
    assert [part.part for part in kept] == [part.part for part in made]
    assert kept[0].part == WHOLE
    assert CUT_OUT in [part.part for part in kept]
    assert ((made[0].grid > 0.5) == kept[0].shape).all()


@pytest.mark.parametrize("text", ["!!", "AAAA"])
def test_what_is_no_kept_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="outlines"):
        unpacked(text)


def test_a_shape_laid_over_itself_agrees_and_over_another_does_not() -> None:
    one, other = (drawings(picture(draw))[0].grid > 0.5 for draw in (star, waves))
    assert agreement(edges(one), edges(one)) == 1.0
    assert agreement(edges(one), edges(other)) < 0.7
    assert agreement(edges(one), edges(one & False)) == 0.0


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (2, 2)])
def test_pictures_of_every_proportion_are_taken_apart(size: tuple[int, int]) -> None:
    made = Image.effect_noise(size, 90).convert("RGB")
    kept = io.BytesIO()
    made.save(kept, "PNG")
    assert isinstance(packed(drawings(made)), str)
