"""PDQ: the published hashes where the reference pictures are at hand, and what holds for any picture."""

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from detectors.pictures import PictureIndex
from detectors.pictures.pdq import GRID, pdq, pdq_mirrored
from models.pictures import PictureReading, ReferencePicture
from streams.pictures import PictureReader
from tests.streams.pictures.drawings import drawing

DATA = Path(__file__).parents[4] / "shared" / "data" / "img_pdq_copies"

# In this folder the published hash was turned with the picture's, not computed from the turned picture, which PDQ's
# own authors give as approximate.
TURNED = "dih/"


def bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def published() -> list[tuple[str, str]]:
    if not DATA.is_dir():
        pytest.skip(f"the reference pictures of PDQ are not at ../shared/data/{DATA.name}")
    with (DATA / "images.csv").open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["expected_pdq_hash"]) for row in csv.DictReader(file) if row["expected_pdq_hash"]]


def test_published_hashes_are_met_on_whole_pictures() -> None:
    for name, expected in published():
        with Image.open(DATA / name) as image:
            pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
        assert bits(pdq(pixels).hex, expected) <= (12 if name.startswith(TURNED) else 10), name


def test_published_hashes_are_met_by_the_reader() -> None:
    expected = published()
    with PictureReader() as reader:
        readings: list[PictureReading] = [reader.read(name, (DATA / name).read_bytes()) for name, _ in expected]
    for reading, (name, code) in zip(readings, expected, strict=True):
        assert bits(reading.hashes["pdq-256"], code) <= (14 if name.startswith(TURNED) else 10), name


def test_every_variant_of_one_photograph_is_found() -> None:
    """Edits, turns and mirror images of the bridge, among other photographs, whatever they are compared with."""
    if not DATA.is_dir():
        pytest.skip(f"the reference pictures of PDQ are not at ../shared/data/{DATA.name}")
    with (DATA / "images.csv").open(encoding="utf-8", newline="") as file:
        groups = {row["file"]: row["same_image_group"] for row in csv.DictReader(file)}
    with PictureReader() as reader:
        read = {name: reader.read(name, (DATA / name).read_bytes()) for name in groups}
    index = PictureIndex.build(ReferencePicture(mark_id=name, reading=reading) for name, reading in read.items())
    bridge = {name for name, group in groups.items() if group == "bridge"}
    for name in bridge:
        told = {each.reference.mark_id for each in index.matches([read[name]])[0] if each.match.copied}
        assert told == bridge, name


def blurred_and_sampled(luma: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The oracle: two passes of the box filter along each axis, one pixel at a time, then every 64th part."""

    def box(row: list[float]) -> list[float]:
        window = (len(row) + 2 * GRID - 1) // (2 * GRID)
        half = (window + 2) // 2
        spans = [(max(0, place - (window - half)), min(len(row), place + half)) for place in range(len(row))]
        return [sum(row[left:right]) / (right - left) for left, right in spans]

    for _ in range(2):
        luma = np.array([box(row) for row in luma.tolist()])
        luma = np.array([box(column) for column in luma.T.tolist()]).T
    rows, columns = (((np.arange(GRID) + 0.5) * size / GRID).astype(int) for size in luma.shape)
    return luma[np.ix_(rows, columns)]  # type: ignore[no-any-return]


@settings(max_examples=12, deadline=None)
@given(st.integers(5, 150), st.integers(5, 150), st.integers(0, 1000))
def test_blurring_as_one_matrix_equals_blurring_by_pixel(height: int, width: int, seed: int) -> None:
    pixels = np.asarray(drawing(seed, 160).convert("L"))[:height, :width]
    oracle = pdq_of_grid(blurred_and_sampled(pixels.astype(float)))
    assert bits(pdq(pixels).hex, oracle) <= 2  # a coefficient on the median may fall to either side


def pdq_of_grid(grid: npt.NDArray[np.float32]) -> str:
    from detectors.pictures.pdq import _hashed

    return _hashed(grid).hex


def test_the_mirrored_hash_is_that_of_the_mirrored_picture() -> None:
    for seed in range(5):
        pixels = np.asarray(drawing(seed, 300 + seed))
        plain, mirrored = pdq_mirrored(pixels)
        assert plain == pdq(pixels)
        assert bits(mirrored.hex, pdq(np.ascontiguousarray(pixels[:, ::-1])).hex) <= 2


def test_grey_and_colour_of_a_grey_picture_agree() -> None:
    grey = np.asarray(drawing(1, 200).convert("L"))
    assert bits(pdq(grey).hex, pdq(np.stack([grey] * 3, axis=-1)).hex) <= 2


@pytest.mark.parametrize("shape", [(1, 1), (4, 4000), (4000, 4), (5, 5), (5, 9000)])
def test_odd_shapes_have_a_hash(shape: tuple[int, int]) -> None:
    hashed = pdq(np.zeros(shape, dtype=np.uint8))
    assert (len(hashed.hex), hashed.quality) == (64, 0)


def test_structure_is_measured() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200), dtype=np.uint8)
    assert pdq(noise).quality == 100
    assert pdq(np.full((200, 200), 200, dtype=np.uint8)).quality == 0
