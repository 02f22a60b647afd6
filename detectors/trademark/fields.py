"""Fields: what of a listing is read for names, as it stands and taken another way.

Owns which fields are read, what of a seller's name counts, and the way from a stretch of what was read to the stretch
of the field that it stands for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from tldextract import TLDExtract

from detectors.trademark.rereadings import Rereading, rereadings
from detectors.trademark.tables import table
from models.subjects import Listing

PICTURE = "picture"  # the field of what is printed in pictures
ADDRESS_LIMIT = 2000  # code points of an address that are read
DESCRIPTION_LIMIT = 500  # code points of a description that are read


@dataclass(frozen=True)
class Text:
    """One field's text; `read` is what is looked through: the text itself, or one of its rereadings."""

    field: str
    text: str
    again: Rereading | None = None

    @property
    def read(self) -> str:
        return self.text if self.again is None else self.again.text

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """Where [start, end) of what was read stands in the field's text."""
        if self.again is None:
            return start, end
        starts, ends = self.again.start[start:end], self.again.end[start:end]
        return min(starts), max(ends)


def texts_of(listing: Listing, printed: Sequence[str] = ()) -> Iterator[Text]:
    """Every text of a listing that is read for names, each with its rereadings; `printed` are those of its
    pictures."""
    fields = (
        ("title", listing.title),
        ("brand", listing.brand),
        ("url", domain(listing.url)),
        ("seller.name", proper_name(listing.seller.name)),
        ("description", listing.description[:DESCRIPTION_LIMIT]),
        *((PICTURE, text) for text in printed),
    )
    for field, text in fields:
        if text:
            yield from texts(field, text)


@lru_cache(maxsize=1 << 12)
def domain(url: str) -> str:
    """The name in a page's address that its owner chose (kestrello-audio of shop.kestrello-audio.com.cn), "" for a
    marketplace's own address and for none. Public suffixes are those that the library ships; nothing is fetched."""
    found = _suffixes()(url[:ADDRESS_LIMIT])
    name = "" if found.ipv4 or found.ipv6 else found.domain if found.suffix else found.subdomain.rpartition(".")[2]
    return "" if name in table("words")["marketplaces"]["domains"] else name


@cache
def _suffixes() -> TLDExtract:
    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def texts(field: str, text: str) -> Iterator[Text]:
    """A text as it stands, then its rereadings."""
    yield Text(field, text)
    for again in rereadings(text):
        yield Text(field, text, again)


def proper_name(seller: str) -> str:
    """A seller's name without the legal form and trade words at its end (傍名牌 is judged by what is left). The longest
    ending goes first; a name that is nothing but an ending stays."""
    while size := next((size for size in _sizes() if size < len(seller) and _ends(seller, size)), 0):
        seller = seller[:-size].rstrip()
    return seller


def _ends(seller: str, size: int) -> bool:
    return seller[-size:].casefold() in _endings()


@cache
def _sizes() -> tuple[int, ...]:
    """The lengths of the endings, longest first."""
    return tuple(sorted({len(ending) for ending in _endings()}, reverse=True))


@cache
def _endings() -> frozenset[str]:
    return frozenset(table("words")["seller_forms"]["endings"])
