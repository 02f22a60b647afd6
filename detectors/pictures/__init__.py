"""Copies of official pictures."""

from detectors.pictures.detector import PictureDetector
from detectors.pictures.index import PictureHit, PictureIndex, PictureMatch

__all__ = ["PictureDetector", "PictureHit", "PictureIndex", "PictureMatch"]
