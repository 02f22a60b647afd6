"""The port of liaison: what is asked of whatever keeps batches, letters and answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime

from models.liaison.batches import Batch
from models.liaison.letters import SentLetter
from models.liaison.progress import LiaisonEvent, Progress
from models.liaison.states import BatchState
from models.values import Value


class AnswerFile(Value):
    """A file of answers that somebody looked at: what it is called, and where its bytes lie."""

    organisation_id: str
    batch_id: str
    sha256: str
    name: str
    by: str
    at: AwareDatetime


@dataclass(frozen=True)
class BatchPage:
    """Batches newest first, how many there are in each state, and the cursor of the next page (empty at the end)."""

    batches: tuple[Batch, ...]
    counts: dict[BatchState, int]
    next_cursor: str = ""


class LiaisonStore(Protocol):
    """Batches are the sender's alone. A letter is the sender's, and read by the platform and the holder that it names.
    What is written down of it is in the name of whoever wrote it, and its shared part is read by all of them. Raises
    `NotFoundError` for what is not there, `ConflictError` for a stale revision."""

    def add(self, batch: Batch, event: LiaisonEvent) -> None:
        """A new batch. Raises `ConflictError` when its id is taken."""

    def get(self, organisation_id: str, batch_id: str) -> Batch:
        """For its sender."""

    def find(
        self, organisation_id: str, *, state: BatchState | None = None, after: str = "", limit: int = 50
    ) -> BatchPage:
        """The sender's batches, newest first."""

    def save(self, before: Batch, after: Batch, events: tuple[LiaisonEvent, ...]) -> Batch:
        """Write the next state of a batch, claimed by the revision of `before`, with what was done."""

    def note(self, batch: Batch, event: LiaisonEvent) -> None:
        """Write down what was done with a batch without changing it."""

    def send(self, before: Batch, after: Batch, letter: SentLetter, event: LiaisonEvent) -> Batch:
        """As `save`, and the letter becomes its platform's and its holder's to read."""

    def withdraw(self, batch: Batch, *, reason: str, by: str, at: datetime) -> tuple[str, ...]:
        """Take a sent batch back; returns everybody who has to be told."""

    def letters(self, organisation_id: str) -> tuple[SentLetter, ...]:
        """Everything that this organisation sent, received, or is named in as the holder; newest first."""

    def letter(self, organisation_id: str, batch_id: str) -> SentLetter:
        """One of them. Raises `NotFoundError`, and `JianzhenError` when the stored letter was changed."""

    def events(self, organisation_id: str, batch_id: str) -> tuple[LiaisonEvent, ...]:
        """What this organisation may see of what was written down, oldest first."""

    def progress(self, organisation_id: str, batch_id: str) -> Progress:
        """Where a letter stands."""

    def overview(self, organisation_id: str) -> tuple[tuple[SentLetter, Progress], ...]:
        """Every letter that this organisation is a party to, newest first, with where it stands."""

    def tell(self, event: LiaisonEvent, *, seen: int | None) -> LiaisonEvent:
        """Write an act on a sent letter down, in the name of its organisation, which is a party to it. `seen` is the
        revision of the progress that it was decided on; None for what depends on nothing."""

    def keep_file(self, file: AnswerFile) -> None:
        """Remember that this organisation looked at this file for this letter; again changes nothing."""

    def kept_file(self, organisation_id: str, batch_id: str, sha256: str) -> AnswerFile:
        """Raises `NotFoundError`."""

    def of_case(self, organisation_id: str, case_number: str) -> tuple[Batch, ...]:
        """The batches that were made from a case lead."""
