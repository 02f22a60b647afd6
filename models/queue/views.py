"""What a person keeps of the queue: views (filters under a name), and how many leads a day holds for them."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from models.identity import LOCAL
from models.values import Value

USUAL_CAPACITY = 40
MOST_CAPACITY = 1000


class SavedView(Value):
    """Filters under a name; `filters` is the query of the queue's address. A shared one is offered to everybody of the
    organisation; `owner` is an account's id, `owner_name` its name."""

    organisation_id: str = LOCAL
    view_id: str
    owner: str
    owner_name: str = ""
    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
    filters: Annotated[str, Field(max_length=2000)] = ""
    shared: bool = False
    saved_at: AwareDatetime
    removed: bool = Field(default=False, description="Offered no longer")


class Capacity(Value):
    """How many leads a person means to decide on a day, and how many were decided today."""

    leads: Annotated[int, Field(ge=1, le=MOST_CAPACITY)] = USUAL_CAPACITY
    done: Annotated[int, Field(ge=0)] = 0

    @property
    def left(self) -> int:
        return max(0, self.leads - self.done)
