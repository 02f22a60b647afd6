"""Geographical indications (地理标志): what contradicts them on a page.

Owns the arguments that hold for marks of kind `gi` alone: another stated origin, the name as a style of other goods,
and a seller beside a list of users that does not name it (商标法 16, 集体商标、证明商标注册和管理规定). Leaves the
finding of places to `detectors.trademark.origins`.
"""

from collections.abc import Iterator

from detectors.trademark import origins, wording
from detectors.trademark.case import Case
from detectors.trademark.tables import table
from models.findings import Evidence, Stance
from models.registry import MarkKind

SURELY = 0.9  # so near the name must be: below it says something else


def other_origin(case: Case) -> Iterator[Evidence]:
    """A geographical indication beside a place that is not where it comes from."""
    mark, listing = case.mark, case.page.listing
    if not _names_it(case):
        return
    own = f"{mark.text} {mark.origin} {mark.holder}"
    home = {origins.province_of(place.text) for place in origins.places_in(own)}
    # Another lake of the same province is another origin; another town of it may lie within the area.
    raised = [(place, True) for place in origins.waters_and_mountains(listing.title)]
    for place, sure in (*raised, *((place, False) for place in origins.stated_origins(listing.title))):
        inside = case.best.field == "title" and case.best.start < place.end and place.start < case.best.end
        if inside or place.text in own or (not sure and origins.province_of(place.text) in home):
            continue
        if home or place.score == 1:
            yield case.quoted("gi-other-origin", Stance.FOR, place, place.score * (0.95 if home else 0.7))
            return


def as_a_style(case: Case) -> Iterator[Evidence]:
    """The name said of how other goods taste or are made (风味, 味, 式): goods from there need no such word."""
    best = case.best
    if _names_it(case) and best.field == "title":
        for word in table("words")["origin"]["style"]:
            if best.text.startswith(word, best.end):
                found = wording.Word(best.end, best.end + len(word), word)
                yield case.quoted("gi-as-style", Stance.FOR, found, best.likeness.score)
                return


def user_unlisted(case: Case) -> Iterator[Evidence]:
    """The holder keeps a list of users, and this seller is not on it. A shop that resells a listed user's goods is not
    either: this says little by itself."""
    listed = case.page.context.registry.authorised_by_mark.get(case.mark.mark_id, ())
    seller = case.page.listing.seller
    value = seller.name or seller.id
    if _names_it(case) and listed and value and case.standing is None:
        yield case.evidence("gi-user-unlisted", Stance.FOR, 1.0, field="seller.name", subject_value=value)


def _names_it(case: Case) -> bool:
    return case.mark.kind is MarkKind.GI and case.best.likeness.score >= SURELY
