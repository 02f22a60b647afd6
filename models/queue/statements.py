"""Statements (陈述申辩): what the party of a lead said, as an officer recorded it. Shown beside what speaks for and
against; only ever added."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.identity import LOCAL
from models.values import Value

LONGEST = 4000


class StatementForm(StrEnum):
    """How it was given."""

    WRITTEN = "written"
    ORAL = "oral"
    PLATFORM = "platform"


class Statement(Value):
    """One statement: who made it, when it was given, its words; and who recorded it when."""

    organisation_id: str = LOCAL
    lead_id: str
    by_whom: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    given_on: date
    form: StatementForm
    words: Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"\S")]
    recorded_by: str
    recorded_at: AwareDatetime
