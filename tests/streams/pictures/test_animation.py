"""Frames are counted from a file's structure; a picture of thousands is refused, one of a few is read."""

import pytest
from PIL import Image

from bench.hostile_pictures import apng, gif, webp
from streams.pictures import PictureReader
from streams.pictures.animation import frame_count
from tests.streams.pictures.drawings import drawing, packed

FRAMES = [drawing(seed, 60) for seed in range(7)]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_frames_are_counted_without_decoding(kind: str) -> None:
    moving = packed(FRAMES[0], kind, save_all=True, append_images=FRAMES[1:])
    assert frame_count(moving) == 7
    assert frame_count(packed(FRAMES[0], kind)) == 1


def test_a_count_ends_with_the_file() -> None:
    moving = packed(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:])
    for end in range(0, len(moving), 97):
        assert frame_count(moving[:end]) <= 7
    assert frame_count(packed(FRAMES[0], "JPEG")) == 1
    assert frame_count(b"") == 1


def test_a_picture_of_thousands_of_frames_is_refused_with_their_number() -> None:
    with PictureReader() as reader:
        for data in (gif(8, 8, frames=3000), apng(3000)):
            assert "3000 frames" in reader.read("a", data).failure
        assert reader.read("a", gif(8, 8, frames=1500)).failure == ""
        assert reader.read("a", packed(Image.new("RGB", (20, 20)), "WEBP")).failure == ""
        assert reader.read("a", webp(16_000, 16_000)).failure
