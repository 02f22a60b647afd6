"""Device marks (图形商标): what a picture looks like as a drawing, and which registered drawings are nearest to it."""

from detectors.pictures.devices.drawings import drawings
from detectors.pictures.devices.index import DeviceHit, DeviceIndex
from detectors.pictures.devices.outlines import unpacked

__all__ = ["DeviceHit", "DeviceIndex", "drawings", "unpacked"]
