"""Filters of the queue as they live in its address: read, changed, and kept under a name."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from models.leads import Cell, Disposition
from models.ports import LeadQuery
from models.queue.campaigns import Campaign
from models.queue.places import Place

ALL = "all"
TABS = ("open", "more-information", "accepted", "dismissed", ALL)
KINDS = ("listing", "parcel")
DETECTORS = ("trademark", "price", "wording", "behaviour", "pictures", "parcels")
ORDERS = ("value", "score", "newest")
DAYS = ("1", "3", "7", "30", "90")
TURNS = ("mine", "free")
PLACES = tuple(place.value for place in Place)
CAPTURED = ("yes", "no")
GROUPED = ("no",)
CELLS = tuple(cell.value for cell in Cell)
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Filters:
    """What the address asks for. Nonsense is left out rather than refused: an address is edited by hand."""

    disposition: str = Disposition.OPEN.value
    place: str = ""
    kind: str = ""
    platform: str = ""
    mark: str = ""
    holder: str = ""
    category: str = ""
    campaign: str = ""
    cell: str = ""
    detector: str = ""
    captured: str = ""
    days: str = ""
    turn: str = ""
    minimum: str = ""
    text: str = ""
    operator: str = ""
    grouped: str = ""  # twins are one card unless it says "no"
    group: str = ""
    order: str = ORDERS[0]
    after: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        def one_of(name: str, allowed: tuple[str, ...], default: str = "") -> str:
            value = asked.get(name, "")
            return value if value in allowed else default

        def words(name: str) -> str:
            return asked.get(name, "").strip()[:LONGEST_TEXT].replace("\x00", "")

        return cls(
            disposition=one_of("disposition", TABS, Disposition.OPEN.value),
            place=one_of("place", PLACES),
            kind=one_of("kind", KINDS),
            platform=words("platform"),
            mark=words("mark"),
            holder=words("holder"),
            category=words("category"),
            campaign=words("campaign"),
            cell=one_of("cell", CELLS),
            detector=one_of("detector", DETECTORS),
            captured=one_of("captured", CAPTURED),
            days=one_of("days", DAYS),
            turn=one_of("turn", TURNS),
            minimum=_number(asked.get("minimum", "")),
            text=words("text"),
            operator=words("operator"),
            grouped=one_of("grouped", GROUPED),
            group=words("group"),
            order=one_of("order", ORDERS, ORDERS[0]),
            after=asked.get("after", "")[:400],
        )

    def query(
        self, limit: int, *, at: datetime, name: str, marks: tuple[str, ...] = (), campaign: Campaign | None = None
    ) -> LeadQuery:
        """The store's question by the account of that name; `marks` are those of the holder that is asked for."""
        return LeadQuery(
            disposition=None if self.disposition == ALL else Disposition(self.disposition),
            place=Place(self.place) if self.place else None,
            kind=self.kind,
            platform=self.platform,
            mark_id=self.mark,
            any_mark=marks,
            category=self.category,
            campaign=campaign,
            cell=Cell(self.cell) if self.cell else None,
            detector=self.detector,
            captured=None if not self.captured else self.captured == "yes",
            seen_since=at - timedelta(days=int(self.days)) if self.days else None,
            held_by=name if self.turn == "mine" else "",
            unheld=self.turn == "free",
            at=at,
            minimum_score=float(self.minimum) if self.minimum else None,
            text=self.text,
            party_key=self.operator,
            group_id=self.group,
            grouped=self.as_cards,
            order=self.order,
            after=self.after,
            limit=limit,
        )

    def address(self, **changes: str) -> str:
        """The queue's address with these changes; a change of filter begins at the first page."""
        asked = {**vars(self), "after": "", **changes}
        return f"/leads?{urlencode({name: value for name, value in asked.items() if value})}"

    @property
    def place_query(self) -> str:
        """These filters and this page as the query of an address: a lead opened here leads back here."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def kept(self) -> str:
        """What a saved view keeps: the filters without the page."""
        return urlencode({name: value for name, value in vars(self).items() if value and name != "after"})

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab and the order narrows the list."""
        usual = {"disposition", "order", "after", "grouped"}
        return any(value for name, value in vars(self).items() if name not in usual)

    @property
    def more_open(self) -> bool:
        """Whether one of the filters that are folded away is set."""
        return any(
            (self.kind, self.cell, self.detector, self.captured, self.days, self.minimum, self.turn, self.holder)
        )

    @property
    def as_cards(self) -> bool:
        """Whether twins are one card; the members of one group are shown each."""
        return not self.grouped and not self.group


def _number(text: str) -> str:
    try:
        return text.strip() if math.isfinite(float(text)) else ""
    except ValueError:
        return ""
