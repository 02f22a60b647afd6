"""The trademark detector: sightings with their counter-case, signed as findings.

Owns the order in which findings are told and the parameters that all of them carry.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

from detectors.trademark.counter import UNDISGUISED, Case, Page, arguments
from detectors.trademark.differences import in_words
from detectors.trademark.disguises import Likeness
from detectors.trademark.fields import PICTURE
from detectors.trademark.index import ALGORITHM, MarkIndex
from detectors.trademark.printed import printed
from detectors.trademark.sighting import Sighting
from detectors.trademark.sightings import sightings
from detectors.trademark.tables import data_version
from models.context import Context
from models.findings import Evidence, Finding, Observation, Parameter, Stance, signed
from models.identity import digest
from models.subjects import Listing

CODE_VERSION = "4"
MARKS_AT_MOST = 5  # a page is told of so many marks, the nearest
OTHER_SPELLINGS = frozenset({"pinyin", "initials"})  # told beside the mark's own text
RELATION_WORDS = {
    "same": ("商品类别相同", "same class of goods"),
    "similar": ("商品类别类似", "similar class of goods"),
    "unrelated": ("商品类别无关", "unrelated class of goods"),
    "unknown": ("商品类别不明", "class of goods unknown"),
}


class TrademarkDetector:
    """在标题、品牌、店铺名称和图片文字中查找与注册商标相同或者在字形、读音、文字构成上近似的文字，并列出排除因素。

    Finds in title, brand, seller's name and the words of pictures what is the same as a registered mark or near to it
    in shape, sound or spelling, and says what speaks against it: authorised seller, resale, use to name what goods fit,
    other goods.
    """

    name = "trademark"
    kinds = frozenset({"listing"})

    @cached_property
    def version(self) -> str:
        """Names the code and every table: changes whenever findings may."""
        return digest("trademark", CODE_VERSION, ALGORITHM, data_version())

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        """One list of findings per observation. Raises `ConfigurationError` when the context holds no `marks`."""
        index = context.snapshot("marks", MarkIndex)
        listings = [(number, one.subject) for number, one in enumerate(batch) if isinstance(one.subject, Listing)]
        findings: list[list[Finding]] = [[] for _ in batch]
        in_pictures = [{text.text: text for text in printed(batch[number].pictures)} for number, _ in listings]
        seen = sightings([listing for _, listing in listings], index, [list(texts) for texts in in_pictures])
        for (number, listing), found, texts in zip(listings, seen, in_pictures, strict=True):
            if found:
                said = {"detector": self.name, "version": self.version, "observation_id": listing.observation_id}
                findings[number] = [
                    signed(evidence, listing, **said) for evidence in told(Page(listing, found, context, texts))
                ]
        return findings


def told(page: Page) -> Iterator[Evidence]:
    """Everything to be told of a page: mark by mark, nearest first; for each its sightings, then the arguments."""
    for case in cases(page):
        for sighting in case.seen:
            yield likeness(case, sighting)
        yield from arguments(case)


def cases(page: Page) -> Iterator[Case]:
    """The nearest marks of a page, each with its sightings."""
    by_mark: dict[str, list[Sighting]] = {}
    for sighting in page.sightings:
        by_mark.setdefault(sighting.mark_id, []).append(sighting)
    registered = page.context.registry.mark_by_id
    known = [(registered[mark_id], seen) for mark_id, seen in by_mark.items() if mark_id in registered]
    for mark, seen in known[:MARKS_AT_MOST]:
        relation = page.relation(mark)
        yield Case(page, mark, seen, relation, likeness_parameters(seen[0].likeness, relation))


def likeness(case: Case, sighting: Sighting) -> Evidence:
    """The finding for: what stands on the page, and how near it is to which name."""
    near = sighting.likeness
    registered = (case.mark.text.strip(), *map(str.strip, case.mark.aliases))
    known = near.fact == "alias-mark" and sighting.name not in registered
    return Evidence(
        fact="known-name" if known else near.fact,
        stance=Stance.FOR,
        score=near.score,
        field=sighting.field,
        mark_id=case.mark.mark_id,
        subject_value=sighting.piece,
        reference_value=case.mark.text if near.trick in OTHER_SPELLINGS and case.mark.text else sighting.name,
        span=(sighting.start, sighting.end),
        params=(*likeness_parameters(sighting.likeness, case.relation), *in_picture(case.page, sighting)),
    )


def in_picture(page: Page, sighting: Sighting) -> tuple[tuple[str, Parameter], ...]:
    """Which picture a sighting stands in, and where; nothing for what stands on the page itself."""
    text = page.printed.get(sighting.text) if sighting.field == PICTURE else None
    return text.parameters(sighting.start, sighting.end) if text else ()


@lru_cache(maxsize=1 << 12)
def likeness_parameters(near: Likeness, relation: str) -> tuple[tuple[str, str], ...]:
    """The parameters of every finding on a mark that is so near, on goods that relate so."""
    difference = in_words(near)
    goods_zh, goods_en = RELATION_WORDS[relation]
    return (
        ("nearness", "same" if near.same or near.fact in UNDISGUISED else "similar"),
        ("goods_relation", relation),
        ("trick", "" if near.trick == "none" else near.trick),
        ("trick_zh", difference["zh"]),
        ("trick_en", difference["en"]),
        ("detail", near.detail),
        ("goods_zh", goods_zh),
        ("goods_en", goods_en),
    )
