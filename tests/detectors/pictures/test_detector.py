"""The picture detector: copies are found and ranked, neighbours are not, and an authorised shop is in its right."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from PIL import Image, ImageEnhance

from detectors.pictures import PictureDetector, PictureIndex
from detectors.pictures.matching import BOTH, PDQ_ALONE, PHASH_ALONE, RADII, judge
from models.context import Context
from models.errors import ConfigurationError
from models.explanations import LANGUAGES, explain
from models.findings import Finding, Observation, Stance
from models.pictures import PictureReading, ReferencePicture
from models.registry import AuthorisedSeller, Mark, Registry
from models.subjects import Listing, ParcelRecord, Seller
from streams.pictures import PictureReader
from tests.streams.pictures.drawings import drawing, packed

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
MARKS = (Mark(mark_id="M1", text="晴川"), Mark(mark_id="M2", text="云朵鹿"), Mark(mark_id="M3", text="KESTRELLO"))
OFFICIAL = range(100, 130)
Change = Callable[[Image.Image], bytes]


def smaller(picture: Image.Image) -> bytes:
    return packed(picture.resize((picture.width * 2 // 5, picture.height * 2 // 5)), quality=80)


def brighter(picture: Image.Image) -> bytes:
    return packed(ImageEnhance.Brightness(picture).enhance(1.12), quality=85)


def duller(picture: Image.Image) -> bytes:
    return packed(ImageEnhance.Contrast(picture).enhance(0.8), quality=85)


def mirrored(picture: Image.Image) -> bytes:
    return packed(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), quality=85)


CHANGES: dict[str, Change] = {
    "jpeg at 30": lambda picture: packed(picture, quality=30),
    "webp": lambda picture: packed(picture, "WEBP", quality=50),
    "smaller": smaller,
    "squeezed": lambda picture: packed(picture.resize((500, 420)), quality=85),
    "brighter": brighter,
    "duller": duller,
    "mirrored": mirrored,
    "grey": lambda picture: packed(picture.convert("L"), quality=85),
}


@pytest.fixture(scope="module")
def reader() -> Iterator[PictureReader]:
    with PictureReader() as reader:
        yield reader


@pytest.fixture(scope="module")
def index(reader: PictureReader) -> PictureIndex:
    pictures = [
        ReferencePicture(
            mark_id=f"M{1 + seed % 3}",
            goods_id=f"G{seed}",
            reading=reader.read(f"official/{seed}.png", packed(drawing(seed), "PNG")),
        )
        for seed in OFFICIAL
    ]
    random.Random(1).shuffle(pictures)
    return PictureIndex.build(pictures)


def context(index: PictureIndex, *authorised: AuthorisedSeller, marks: tuple[Mark, ...] = MARKS) -> Context:
    return Context(Registry(marks=marks, authorised=authorised), AS_OF, snapshots={"pictures": index})


def observation(*readings: PictureReading, **listing: Any) -> Observation:
    fields = {"listing_id": "1", "platform": "集市", "title": "新款 杯子"} | listing
    return Observation(Listing.model_validate(fields), pictures=readings)


def detect(observed: Observation, seen: Context) -> list[Finding]:
    (findings,) = PictureDetector().detect([observed], seen)
    return findings


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_is_found_with_the_picture_it_copies(
    reader: PictureReader, index: PictureIndex, change: Change
) -> None:
    for seed in list(OFFICIAL)[:6]:
        reading = reader.read("https://shop.example/1.jpg", change(drawing(seed)))
        (finding,) = detect(observation(reading), context(index))
        assert (finding.mark_id, finding.goods_id) == (f"M{1 + seed % 3}", f"G{seed}")
        assert (finding.fact, finding.stance, finding.field) == ("copied-official-picture", Stance.FOR, "images")
        assert (finding.subject_value, finding.reference_value) == (reading.address, f"official/{seed}.png")
        assert finding.params["mirrored"] is (change is mirrored)
        assert 0 <= int(finding.params["distance"]) <= RADII["pdq-256"]
        assert finding.score >= PDQ_ALONE.least


def test_other_pictures_are_not_found(reader: PictureReader, index: PictureIndex) -> None:
    readings = [reader.read(str(seed), packed(drawing(seed))) for seed in range(300, 340)]
    assert [found for found in index.matches(readings) if found] == []


def test_the_nearer_copy_outranks_the_farther(reader: PictureReader, index: PictureIndex) -> None:
    exact = reader.read("a", packed(drawing(100), "PNG"))
    worse = reader.read("b", packed(drawing(100).resize((90, 90)), quality=15))
    best, least = (index.matches([reading])[0][0].match for reading in (exact, worse))
    assert best.score > least.score
    assert (best.score, best.distance) == (1.0, 0)
    (finding,) = detect(observation(worse, exact), context(index))
    assert finding.subject_value == "a"


def test_two_hashes_that_agree_outrank_one() -> None:
    scores = [judge(*distances, mirrored=False) for distances in [(31, 10), (0, 11), (31, 11), (32, 0), (64, 10)]]
    ranked = [match.score if match else 0.0 for match in scores]
    assert ranked == sorted(ranked, reverse=True)
    assert ranked == pytest.approx([BOTH.least, PDQ_ALONE.most, PDQ_ALONE.least, PHASH_ALONE.most, PHASH_ALONE.least])


@pytest.mark.parametrize("distances", [(32, 11), (65, 0), (65, 10), (256, 64)])
def test_beyond_the_radii_there_is_no_match(distances: tuple[int, int]) -> None:
    assert judge(*distances, mirrored=False) is None


def at_distance(reading: PictureReading, pdq_bits: int, phash_bits: int, quality: int = 100) -> PictureReading:
    """The same reading with so many bits of its hashes changed."""
    changed = {
        name: f"{int(code, 16) ^ ((1 << (pdq_bits if name.startswith('pdq') else phash_bits)) - 1):0{len(code)}x}"
        for name, code in reading.hashes.items()
    }
    return reading.model_copy(update={"hashes": changed, "quality": quality})


@pytest.mark.parametrize(
    ("pdq_bits", "phash_bits", "fact", "named"),
    [
        (31, 64, "copied-official-picture", "pdq-256"),
        (32, 10, "similar-official-picture", "phash-64"),
        (64, 10, "similar-official-picture", "phash-64"),
    ],
)
def test_one_hash_alone_is_named(index: PictureIndex, pdq_bits: int, phash_bits: int, fact: str, named: str) -> None:
    reading = at_distance(index.entries[0].reading, pdq_bits, phash_bits)
    (finding,) = detect(observation(reading), context(index))
    assert (finding.fact, finding.params["hash"]) == (fact, named)


@pytest.mark.parametrize(("pdq_bits", "phash_bits"), [(32, 11), (65, 10)])
def test_what_agrees_in_neither_is_not_found(index: PictureIndex, pdq_bits: int, phash_bits: int) -> None:
    assert detect(observation(at_distance(index.entries[0].reading, pdq_bits, phash_bits)), context(index)) == []


def test_too_little_structure_does_not_count(index: PictureIndex) -> None:
    flat = at_distance(index.entries[0].reading, 0, 0, quality=49)
    assert detect(observation(flat), context(index)) == []
    of_flat = PictureIndex.build([ReferencePicture(mark_id="M1", reading=flat)])
    assert detect(observation(index.entries[0].reading), context(of_flat)) == []


def test_a_failed_reading_says_nothing(index: PictureIndex) -> None:
    failed = PictureReading(address="gone.jpg", failure="图片未能获取：404 / the picture could not be fetched: 404")
    assert detect(observation(failed), context(index)) == []
    assert PictureIndex.build([ReferencePicture(mark_id="M1", reading=failed)]).entries == ()


@pytest.mark.parametrize(
    ("row", "authorised"),
    [
        ({"mark_id": "M2", "seller_name": "晴川旗舰店"}, True),
        ({"mark_id": "M2", "seller_name": "晴川旗舰店", "relation": "licensee"}, True),
        ({"mark_id": "M1", "seller_name": "晴川旗舰店"}, False),
        ({"mark_id": "M2", "seller_name": "晴川旗舰店", "valid_to": date(2026, 2, 1)}, False),
        ({"mark_id": "M2", "seller_name": "别家"}, False),
    ],
)
def test_an_authorised_shop_is_in_its_right(index: PictureIndex, row: dict[str, Any], authorised: bool) -> None:
    entry = next(entry for entry in index.entries if entry.mark_id == "M2")
    seen = context(index, AuthorisedSeller.model_validate(row))
    (finding,) = detect(observation(entry.reading, seller=Seller(name="晴川旗舰店")), seen)
    expected = (
        ("official-picture-authorised", Stance.AGAINST) if authorised else ("copied-official-picture", Stance.FOR)
    )
    assert (finding.fact, finding.stance) == expected


def test_a_picture_of_a_mark_that_the_registry_no_longer_has_is_not_told(index: PictureIndex) -> None:
    entry = next(entry for entry in index.entries if entry.mark_id == "M2")
    assert detect(observation(entry.reading), context(index, marks=MARKS[:1])) == []


def test_one_finding_for_each_goods_and_mark(index: PictureIndex) -> None:
    reading = index.entries[0].reading
    twins = [
        ReferencePicture(mark_id=mark_id, goods_id=goods_id, reading=reading.model_copy(update={"address": address}))
        for mark_id, goods_id, address in [("M1", "G", "b"), ("M1", "G", "a"), ("M1", "", "c"), ("M2", "", "d")]
    ]
    findings = detect(observation(reading, reading), context(PictureIndex.build(twins)))
    assert [finding.reference_value for finding in findings] == ["c", "a", "d"]
    assert len({finding.finding_id for finding in findings}) == 3


def test_the_batch_does_not_change_the_findings(reader: PictureReader, index: PictureIndex) -> None:
    readings = [reader.read(str(seed), packed(drawing(seed), quality=60)) for seed in range(96, 108)]
    batch = [observation(*readings[place : place + 3], listing_id=str(place)) for place in range(0, 12, 2)]
    batch.append(Observation(ParcelRecord(parcel_token="t", carrier="c")))
    seen = context(index)
    alone = {one.subject.key: detect(one, seen) for one in batch}
    assert any(alone.values())
    order = batch.copy()
    random.Random(3).shuffle(order)
    together = PictureDetector().detect(order, seen)
    assert {one.subject.key: findings for one, findings in zip(order, together, strict=True)} == alone


def test_the_order_of_official_pictures_does_not_matter(index: PictureIndex) -> None:
    turned = PictureIndex.build(reversed(index.entries))
    assert (turned.version, turned.entries) == (index.version, index.entries)
    assert PictureIndex.build(index.entries[1:]).version != index.version


def test_an_index_of_one_and_of_none(reader: PictureReader, index: PictureIndex) -> None:
    entry = index.entries[0]
    one = PictureIndex.build([entry])
    assert [match.reference for match in one.matches([entry.reading])[0]] == [entry]
    assert [hit.mark_id for hit in one.nearest(entry.reading, 10)] == [entry.mark_id]
    none = PictureIndex.build([])
    assert (none.matches([entry.reading]), none.nearest(entry.reading, 10)) == ([[]], [])
    assert detect(observation(entry.reading), context(none)) == []


def test_a_context_without_the_index_is_a_fault(index: PictureIndex) -> None:
    with pytest.raises(ConfigurationError, match="no PictureIndex"):
        detect(observation(), Context(Registry(marks=MARKS), AS_OF))


@pytest.mark.parametrize("change", [smaller, mirrored])
def test_the_nearest_are_ranked_without_a_threshold(reader: PictureReader, index: PictureIndex, change: Change) -> None:
    hits = index.nearest(reader.read("query.jpg", change(drawing(111))), 5)
    assert (hits[0].goods_id, hits[0].mirrored) == ("G111", change is mirrored)
    assert len(hits) == 5
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.8 > 0.5 > scores[1]
    assert index.nearest(reader.read("other.jpg", packed(drawing(999))), 3)
    assert index.nearest(PictureReading(address="x", failure="gone"), 3) == []


def test_every_fact_is_told_in_both_languages(reader: PictureReader, index: PictureIndex) -> None:
    reading = index.entries[0].reading
    row = AuthorisedSeller(mark_id=index.entries[0].mark_id, seller_name="晴川旗舰店")
    findings = [
        *detect(observation(reading), context(index)),
        *detect(observation(at_distance(reading, 40, 3)), context(index)),
        *detect(observation(reading, seller=Seller(name="晴川旗舰店")), context(index, row)),
        index.nearest(reading, 1)[0].finding("query.jpg"),
    ]
    assert len({finding.fact for finding in findings}) == 4
    for finding in findings:
        for language in LANGUAGES:
            text = explain(finding, language)
            assert str(finding.params["distance"]) in text
            assert "侵权" not in text
            assert "假货" not in text
