"""Campaigns (专项行动): a period in which categories, marks, regions and words come first. A record of the unit's own,
kept with every change; it raises priority and filters, and never says anything about a lead."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator

from models.folding import fold
from models.identity import LOCAL
from models.moments import SHANGHAI
from models.organisations import Division
from models.queue.places import Place, place_of
from models.subjects import AnySubject, Listing
from models.values import Value

Short = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Words = Annotated[tuple[Short, ...], Field(max_length=100)]


STEP = re.compile(r"[>/＞»|]")
LONGEST_CATEGORY = 64


def category_of(subject: AnySubject) -> str:
    """The first step of the category's path; empty without one."""
    path = subject.category if isinstance(subject, Listing) else subject.declared_category
    return STEP.split(path, maxsplit=1)[0].strip()[:LONGEST_CATEGORY]


class Campaign(Value):
    """One campaign as it stands. Each list that is not empty narrows it: a lead belongs that matches one entry of every
    such list and was first seen within the days, both included (Shanghai)."""

    organisation_id: str = LOCAL
    campaign_id: str
    name: Short
    starts_on: date
    ends_on: date
    categories: Words = ()
    mark_ids: Words = ()
    regions: Annotated[tuple[Division, ...], Field(max_length=100)] = ()
    words: Words = ()
    revision: int = 0
    changed_by: str = ""
    changed_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Campaign":
        if self.ends_on < self.starts_on:
            raise ValueError("a campaign ends on or after the day it starts")
        return self

    def runs(self, at: datetime) -> bool:
        return self.starts_on <= at.astimezone(SHANGHAI).date() <= self.ends_on

    def names(self, *, category: str, marks: Iterable[str], division: str, text: str) -> bool:
        """Whether a lead with these is one of the campaign's, its days aside."""
        folded = fold(text)
        return (
            (not self.categories or category in self.categories)
            and (not self.mark_ids or not set(self.mark_ids).isdisjoint(marks))
            and (not self.regions or place_of(division, self.regions) is Place.INSIDE)
            and (not self.words or any(fold(word) in folded for word in self.words))
        )
