"""Pictures: fetched, decoded in a limited process and read once per content hash."""

from streams.pictures.reader import READER_VERSION, PictureReader
from streams.pictures.references import read_reference_pictures
from streams.pictures.settings import PictureSettings
from streams.pictures.source import PictureSource

__all__ = ["READER_VERSION", "PictureReader", "PictureSettings", "PictureSource", "read_reference_pictures"]
