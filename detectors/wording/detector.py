"""The wording detector: what a page says in words, sorted by the law that it concerns, signed as findings.

Owns which fields are read, and which of many words are told: of one rule the surest, of words that overlap the
stronger, of one fact a few. Leaves finding them to `detectors.wording.matching`, `contact` and `numbers`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property

from detectors.trademark.fields import PICTURE
from detectors.trademark.printed import PrintedText, printed
from detectors.trademark.tables import data_version as alphabet_version
from detectors.wording.codes import code_evidence, printed_codes
from detectors.wording.contact import handles
from detectors.wording.lines import Line
from detectors.wording.matching import Match, Matcher
from detectors.wording.number_checks import NumberTable, number_evidence
from detectors.wording.numbers import kinds
from detectors.wording.official import OfficialShops
from detectors.wording.rules import WordingRules, shipped_rules
from models.context import Context
from models.findings import Evidence, Finding, Observation, Stance, signed
from models.identity import digest
from models.public_records import RECORDS, PublicRecords
from models.registry import Registry
from models.subjects import Listing

CODE_VERSION = "2"
RULES = "wording"  # the snapshot that holds the shipped rules together with the user's own

DENIED = "counterfeit-word-denied"
COUNTERFEIT = "counterfeit-wording"
DIVERSION = "contact-diversion"
AGAINST = frozenset({"authenticity-promised", DENIED})
# Of one fact so many are told: words of copies count by how many independent ones there are, up to three.
TOLD_AT_MOST = {COUNTERFEIT: 3, DIVERSION: 2}

# How much words weigh by where they stand: a description is long, and much of it speaks of other things.
FIELD_SHARE = {"title": 1.0, "seller.name": 1.0, "description": 0.85, PICTURE: 0.85}
ATTRIBUTE_SHARE = 0.9
SURELY_READ = 0.8  # words in pictures are looked at from this confidence on
ATTRIBUTES_AT_MOST = 60
# Attributes whose words are other people's.
OF_OTHERS = ("review", "comment", "评论", "评价", "问答", "seller.")

HOW = {
    "": ("", ""),
    "separator": ("字间加入符号", "signs put between"),
    "sound": ("用同音字替换", "a character of the same sound"),
    "shape": ("用形近字替换", "a look-alike character"),
    "pinyin": ("用拼音代替", "pinyin for characters"),
}


@dataclass(frozen=True)
class Tools:
    """What a batch is read with."""

    matcher: Matcher
    shops: OfficialShops
    numbers: NumberTable
    as_of: datetime


class WordingDetector:
    """用语核查：在标题、描述、属性、店铺名称和图片文字中查找仿冒商品常用语（高仿、复刻、原单等，含加符号、同音字、形近字、拼音等变形写法）、
    站外联系方式、广告法禁止的用语和自称官方的店铺名称，并识别否定和正当用法（拒绝高仿、高仿真花、翡翠A货）。广告用语属于另一法律
    关系，不作为仿冒的依据。编号核验：专利、食品、农药、消毒产品、化妆品、医疗器械等编号的格式、校验位，以及与导入名录是否一致。

    Wording: the words that copies are sold with, in any disguise; ways off the platform; claims that advertising law
    forbids; shops that call themselves official and are not on the holder's list. Denials and honest uses are told
    apart. A forbidden claim is a matter of its own law and never counts as a sign of copies. Numbers of patents,
    licences and certificates are checked for form, check digit and agreement with imported tables.
    """

    name = "wording"
    kinds = frozenset({"listing"})

    def __init__(self) -> None:
        self._matcher: tuple[str, Matcher] | None = None
        self._shops: tuple[str, OfficialShops] | None = None
        self._numbers: tuple[str, NumberTable] | None = None

    @cached_property
    def version(self) -> str:
        """Names the code, the shipped tables and the folding of letters."""
        return digest("wording", CODE_VERSION, shipped_rules().version, _numbers_version(), alphabet_version())

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        """Findings on no mark but for `claim-official`, in the order of the tables."""
        tools = Tools(self._ready(context), self._official(context.registry), self._table(context), context.as_of)
        return [self._findings(observation, tools) for observation in batch]

    def _findings(self, observation: Observation, tools: Tools) -> list[Finding]:
        listing = observation.subject
        if not isinstance(listing, Listing):
            return []
        lines = list(lines_of(listing))
        texts = {text.text: text for text in printed(observation.pictures) if text.confidence >= SURELY_READ}
        in_pictures = [Line(PICTURE, text) for text in texts]
        codes = list(printed_codes(observation.pictures))
        found = word_evidence(listing, [*lines, *in_pictures], tools.matcher)
        told = [
            *(placed(evidence, texts) for evidence in found),
            *code_evidence(listing, codes),
            *tools.shops.evidence(listing, tools.as_of),
            *number_evidence(listing, lines, tools.numbers, tools.as_of),
        ]
        return [signed(evidence, listing, detector=self.name, version=self.version) for evidence in told]

    def _ready(self, context: Context) -> Matcher:
        """The matcher of the context's rules, which hold the user's own, otherwise of the shipped ones."""
        if RULES not in context.snapshots:
            return _shipped_matcher()
        rules = context.snapshot(RULES, WordingRules)
        held = self._matcher
        if held is None or held[0] != rules.version:
            held = (rules.version, Matcher(rules))
            self._matcher = held
        return held[1]

    def _table(self, context: Context) -> NumberTable:
        records = context.snapshot(RECORDS, PublicRecords) if RECORDS in context.snapshots else PublicRecords()
        held = self._numbers
        if held is None or held[0] != records.version:
            held = (records.version, NumberTable(records))
            self._numbers = held
        return held[1]

    def _official(self, registry: Registry) -> OfficialShops:
        held = self._shops
        if held is None or held[0] != registry.version:
            held = (registry.version, OfficialShops(registry))
            self._shops = held
        return held[1]


def _numbers_version() -> str:
    return digest([kind.model_dump(mode="json") for kind in kinds()])


@cache
def _shipped_matcher() -> Matcher:
    return Matcher(shipped_rules())


def lines_of(listing: Listing) -> Iterator[Line]:
    """The fields that the seller wrote."""
    yield Line("title", listing.title)
    for field, text in (("description", listing.description), ("seller.name", listing.seller.name)):
        if text:
            yield Line(field, text)
    own = [(name, text) for name, text in sorted(listing.attributes.items()) if text and _sellers_own(name)]
    for name, text in own[:ATTRIBUTES_AT_MOST]:
        yield Line(name, text)


def _sellers_own(name: str) -> bool:
    lower = name.casefold()
    return name not in Listing.model_fields and not any(word in lower for word in OF_OTHERS)


def placed(evidence: Evidence, texts: Mapping[str, PrintedText]) -> Evidence:
    """Evidence from a picture with the picture and the box that it stands in."""
    if evidence.field != PICTURE:
        return evidence
    start, end = evidence.span or (0, 0)
    for text in texts.values():
        if evidence.span and text.text[start:end] == evidence.subject_value:
            return replace(evidence, params=(*evidence.params, *text.parameters(start, end)))
        line = Line(PICTURE, text.text)
        if not evidence.span and any(handle.masked == evidence.subject_value for handle in handles(line)):
            return replace(evidence, params=(*evidence.params, *text.parameters(0, len(text.text))))
    return evidence


def word_evidence(listing: Listing, lines: Sequence[Line], matcher: Matcher) -> Iterator[Evidence]:
    """What the words of a listing say, by fact in the order of the tables, the surest first within a fact."""
    found = [match for line in lines for match in matcher.matches(line, listing.category)]
    by_fact: dict[str, list[Match]] = {}
    for match in _strongest([match for match in found if not match.denied]):
        by_fact.setdefault(match.rule.fact, []).append(match)
    for fact in sorted(by_fact):
        for match in by_fact[fact][: TOLD_AT_MOST.get(fact, 1)]:
            yield _evidence(fact, match)
    if COUNTERFEIT not in by_fact:
        for match in _strongest([match for match in found if match.denied])[:1]:
            yield _evidence(DENIED, match)
    if len(by_fact.get(DIVERSION, ())) < TOLD_AT_MOST[DIVERSION]:
        yield from _numbers(lines)


def _strongest(found: list[Match]) -> list[Match]:
    """Of each rule the surest match, of matches that overlap the stronger; surest first."""
    ranked = sorted(found, key=lambda match: (-_score(match), match.field, match.start, match.rule.id))
    kept: list[Match] = []
    for match in ranked:
        if all(match.rule.id != other.rule.id and not _overlap(match, other) for other in kept):
            kept.append(match)
    return kept


def _overlap(one: Match, other: Match) -> bool:
    return (
        one.rule.fact == other.rule.fact
        and one.field == other.field
        and one.start < other.end
        and other.start < one.end
    )


def _score(match: Match) -> float:
    return match.rule.score * match.sure * FIELD_SHARE.get(match.field, ATTRIBUTE_SHARE)


def _evidence(fact: str, match: Match) -> Evidence:
    how_zh, how_en = HOW[match.trick]
    return Evidence(
        fact=fact,
        stance=Stance.AGAINST if fact in AGAINST else Stance.FOR,
        score=_score(match),
        field=match.field,
        subject_value=match.text,
        reference_value=match.word,
        span=(match.start, match.end),
        params=(
            ("rule", match.rule.id),
            ("basis", match.rule.basis),
            ("trick", match.trick),
            ("how_zh", how_zh),
            ("how_en", how_en),
        ),
    )


def _numbers(lines: Sequence[Line]) -> Iterator[Evidence]:
    """The surest number or name off the platform, masked."""
    found = sorted((each for line in lines for each in handles(line)), key=lambda each: (-each.sure, each.field))
    for handle in found[:1]:
        yield Evidence(
            fact=DIVERSION,
            stance=Stance.FOR,
            score=handle.sure * FIELD_SHARE.get(handle.field, ATTRIBUTE_SHARE),
            field=handle.field,
            subject_value=handle.masked,
            reference_value=handle.kind,
            params=(
                ("rule", f"cd-{handle.kind}"),
                ("basis", "电子商务法第三十一条"),
                ("trick", ""),
                ("how_zh", ""),
                ("how_en", ""),
            ),
        )
