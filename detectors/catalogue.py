"""The catalogue: every detector, listed by hand. Nothing is found by import magic; order is the order of findings."""

from detectors.behaviour import BehaviourDetector
from detectors.parcels import ParcelDetector
from detectors.pictures import PictureDetector
from detectors.price import PriceDetector
from detectors.protocol import Detector
from detectors.trademark import TrademarkDetector
from detectors.wording import WordingDetector


def detectors() -> tuple[Detector, ...]:
    """A fresh instance of each detector."""
    return (
        TrademarkDetector(),
        PriceDetector(),
        WordingDetector(),
        BehaviourDetector(),
        PictureDetector(),
        ParcelDetector(),
    )
