"""Usage: how the name is used on the page, and what kind of trade the page says it is.

Owns the arguments that rest on words around the name: naming what the goods fit or are made like, used goods, goods
that came by another channel, making for export to order, and the mark standing as registered. Leaves the finding of
words to `detectors.trademark.wording`.
"""

from collections.abc import Iterator

from detectors.trademark import wording
from detectors.trademark.case import UNDISGUISED, Case
from models.findings import Evidence, Stance

REFURBISHED = 0.6  # of a refurbished piece the parts may be anybody's
# Who says what goods fit spells the name so that buyers find it. Of a word before a name that is disguised or only near
# this share remains, and of one somewhere behind it less: there it may speak of anything.
MISSPELT_BEFORE, MISSPELT_BEHIND = 0.6, 0.2
READ = ("title", "description")


def plain_resale(case: Case) -> Iterator[Evidence]:
    """The mark as registered, nothing hidden: resale of genuine goods needs no permission."""
    undisguised = all(sighting.likeness.fact in UNDISGUISED for sighting in case.seen)
    if undisguised and (case.standing is None or case.standing.terms != "authorised"):
        yield case.pointed("plain-resale", 1.0)


def style_of_mark(case: Case) -> Iterator[Evidence]:
    """Goods said to be like those of the mark (同款 behind the name): whoever offers the mark's own goods need not say
    so. Only where nothing stands between but a word for the brand."""
    best = case.best
    if best.field == "title" and best.likeness.fact in UNDISGUISED and case.standing is None:
        word = wording.style_word(best.text, best.end)
        if word is not None:
            yield case.quoted("style-of-mark", Stance.FOR, word, best.likeness.score)


def nominative_use(case: Case) -> Iterator[Evidence]:
    """Named to say what the goods fit."""
    best = case.best
    if best.field in READ:
        word = wording.nominative_word(best.text, best.start, best.end)
        if word is not None:
            share = 1.0
            if best.likeness.fact not in UNDISGUISED:
                share = MISSPELT_BEFORE if word.start < best.start else MISSPELT_BEHIND
            yield case.quoted("nominative-use", Stance.AGAINST, word, word.score * share, field=best.field)


def second_hand(case: Case) -> Iterator[Evidence]:
    """Offered as used, by the listing's condition or its words."""
    condition = case.page.listing.condition
    if condition in ("used", "refurbished"):
        score = 1.0 if condition == "used" else REFURBISHED
        yield case.evidence("second-hand", Stance.AGAINST, score, field="condition", subject_value=condition)
    else:
        for word in case.page.second_hand_words[:1]:
            yield case.quoted("second-hand", Stance.AGAINST, word, word.score)


def other_channel(case: Case) -> Iterator[Evidence]:
    """Said to be genuine goods from outside the authorised channel: parallel import, bought abroad (平行进口, 代购)."""
    for word in wording.trade_words("channel", case.page.listing.title)[:1]:
        yield case.quoted("channel", Stance.AGAINST, word, word.score)


def export_manufacture(case: Case) -> Iterator[Evidence]:
    """Making to the order of a foreign holder, all for export (涉外定牌加工): surest where both are said."""
    title = case.page.listing.title
    making, export = wording.trade_words("made_to_order", title), wording.trade_words("for_export", title)
    for word in making[:1]:
        yield case.quoted("export-manufacture", Stance.AGAINST, word, word.score if export else word.score / 3)
