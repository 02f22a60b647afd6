"""Shapes as findings: told where they surely agree, with the box where they stand, and worth nothing by themselves."""

from datetime import UTC, datetime

import pytest
from PIL import Image, ImageDraw

from detectors.pictures import PictureDetector, PictureIndex
from detectors.pictures.devices import DeviceIndex, drawings
from detectors.pictures.devices.outlines import packed
from detectors.triage import assess
from models.context import Context
from models.findings import Evidence, Finding, Observation, Stance, signed
from models.pictures import PictureReading, ReferencePicture
from models.registry import AuthorisedSeller, Mark, MarkKind, Registry
from models.subjects import Listing, Seller
from tests.detectors.pictures.devices.test_devices import MARKS, picture, reading, star, waves

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(
    marks=tuple(Mark(mark_id=name, kind=MarkKind.DEVICE, images=(f"{name}.png",)) for name in MARKS),
    authorised=(AuthorisedSeller(mark_id="star", platform="集市", seller_name="星星官方店"),),
)
REFERENCES = tuple(
    ReferencePicture(mark_id=name, reading=reading(picture(draw), f"{name}.png")) for name, draw in MARKS.items()
)
CONTEXT = Context(
    registry=REGISTRY,
    as_of=AS_OF,
    snapshots={"pictures": PictureIndex.build(REFERENCES), "devices": DeviceIndex.build(REFERENCES)},
)


def shown(made: Image.Image) -> PictureReading:
    content = "ef" * 32
    return reading(made).model_copy(update={"address": "1.jpg", "content_sha256": content, "level": "full"})


def told(made: Image.Image, seller: str = "杂货") -> tuple[Listing, list[Finding]]:
    listing = Listing(listing_id="1", platform="集市", title="马克杯", seller=Seller(name=seller))
    (findings,) = PictureDetector().detect([Observation(listing, (shown(made),))], CONTEXT)
    return listing, findings


def scene(ink: str = "#c8102e") -> Image.Image:
    """A star in the upper left of a wide picture, and a bar far from it."""
    made = Image.new("RGB", (800, 400), "white")
    draw = ImageDraw.Draw(made)
    star(draw, 150, 150, 110, ink)
    draw.rectangle((520, 330, 760, 360), fill="#404040")
    return made


def test_a_shape_that_surely_agrees_is_told_with_its_box() -> None:
    _, findings = told(scene())
    (finding,) = [one for one in findings if one.fact == "device-mark-likeness"]
    assert (finding.mark_id, finding.stance, finding.reference_value) == ("star", Stance.FOR, "star.png")
    corners = [tuple(map(int, corner.split(","))) for corner in str(finding.params["box"]).split()]
    assert all(30 <= x <= 270 and 30 <= y <= 270 for x, y in corners)
    assert finding.params["picture"] == "ef" * 32


def test_another_shape_is_not_told() -> None:
    made = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(made).pieslice((60, 60, 340, 340), 20, 300, fill="#1f4fa0")
    assert [one for one in told(made)[1] if one.fact == "device-mark-likeness"] == []


def test_nothing_is_told_of_the_marks_that_a_seller_may_use() -> None:
    assert told(scene(), seller="星星官方店")[1] == []


def test_a_shape_alone_never_flags_and_weighs_nothing() -> None:
    listing, findings = told(scene())
    alone = assess(findings, REGISTRY, AS_OF, listing)
    assert (alone.flagged, alone.score) == (False, 0.0)


@pytest.mark.parametrize(("fact", "more"), [("counterfeit-wording", True), ("claim-absolute", False)])
def test_a_shape_counts_beside_other_findings_alone(fact: str, more: bool) -> None:
    listing, findings = told(scene())
    other = signed(
        Evidence(fact=fact, stance=Stance.FOR, score=1.0, field="title"), listing, detector="wording", version="1"
    )
    without = assess([other], REGISTRY, AS_OF, listing).score
    assert (assess([*findings, other], REGISTRY, AS_OF, listing).score > without) is more


def test_without_an_index_of_drawings_nothing_is_told() -> None:
    bare = Context(registry=REGISTRY, as_of=AS_OF, snapshots={"pictures": PictureIndex.build(())})
    listing = Listing(listing_id="1", platform="集市", title="马克杯")
    made = Image.new("RGB", (300, 300), "white")
    waves(ImageDraw.Draw(made), 150, 150, 100, "black")
    kept = shown(made)
    assert kept.shapes == packed(drawings(made))
    assert PictureDetector().detect([Observation(listing, (kept,))], bare) == [[]]
