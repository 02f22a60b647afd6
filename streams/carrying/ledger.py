"""What the receiving side remembers of every stream: the last batch it took, the digests of the latest, what an
operator declared lost. One JSON file a stream, replaced whole; a person can read it.
"""

from datetime import datetime
from pathlib import Path

from pydantic import Field, ValidationError

from models.errors import ConfigurationError, ConflictError
from models.values import Value
from streams.carrying.batch_files import NO_PREVIOUS, Batch
from streams.carrying.places import away, write_durably

REMEMBERED = 1000


class Lost(Value):
    """A batch that an operator has given up: when, by whom, why."""

    sequence: int = Field(ge=1)
    at: datetime
    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class Stream(Value):
    """One site's stream of one topic, as far as it was taken. `digest` is the last batch's, empty when that one was
    declared lost: the chain cannot be checked over it."""

    site: str
    topic: str
    sequence: int = 0
    digest: str = NO_PREVIOUS
    messages: int = 0
    taken_at: datetime | None = None
    recent: dict[int, str] = Field(default_factory=dict)
    lost: tuple[Lost, ...] = ()

    @property
    def expected(self) -> int:
        """The number of the batch that comes next."""
        return self.sequence + 1

    def fits(self, batch: Batch) -> bool:
        """Whether the batch's chain goes on from the last one."""
        return self.digest in ("", batch.header.previous)

    def with_batch(self, batch: Batch, at: datetime) -> "Stream":
        """As it stands when this batch was taken."""
        recent = {**self.recent, batch.header.sequence: batch.digest}
        newest = dict(sorted(recent.items())[-REMEMBERED:])
        return self.model_copy(
            update={
                "sequence": batch.header.sequence,
                "digest": batch.digest,
                "messages": self.messages + batch.header.messages,
                "taken_at": at,
                "recent": newest,
            }
        )

    def without_batch(self, lost: Lost) -> "Stream":
        """As it stands when the expected batch is given up."""
        return self.model_copy(update={"sequence": lost.sequence, "digest": "", "lost": (*self.lost, lost)})

    def gave_up(self, sequence: int) -> bool:
        """Whether that batch was declared lost."""
        return any(each.sequence == sequence for each in self.lost)


class Ledger:
    """The receiving side's streams, under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stream(self, site: str, topic: str) -> Stream:
        """The stream as it stands; a new one when nothing of it was taken. Raises `ConfigurationError` for a damaged
        file: going on without it could take batches twice."""
        path = self._path(site, topic)
        try:
            return Stream.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Stream(site=site, topic=topic)
        except OSError as error:
            raise away(path, error) from error
        except ValidationError:
            raise ConfigurationError(
                "搬运记录已损坏 / the record of what was carried in is damaged",
                where=str(path),
                mend="从备份恢复 / restore it from a backup",
            ) from None

    def streams(self) -> tuple[Stream, ...]:
        """Every stream there is, by site and topic."""
        found = sorted(self.folder.glob("*/*.json"))
        return tuple(self.stream(path.parent.name, path.stem) for path in found)

    def record(self, stream: Stream) -> None:
        """Durable on return."""
        write_durably(self._path(stream.site, stream.topic), stream.model_dump_json(indent=1).encode())

    def give_up(self, site: str, topic: str, sequence: int, *, by: str, reason: str, at: datetime) -> Stream:
        """Declare the expected batch lost. Raises `ConflictError` for any other: only the gap itself can be closed."""
        stream = self.stream(site, topic)
        if sequence != stream.expected:
            raise ConflictError(
                f"下一批是第 {stream.expected} 批 / the batch expected next is {stream.expected}",
                where=f"{site} {topic}",
                mend="只能声明正在等待的一批 / only the one that is waited for can be declared lost",
            )
        stream = stream.without_batch(Lost(sequence=sequence, at=at, by=by, reason=reason))
        self.record(stream)
        return stream

    def _path(self, site: str, topic: str) -> Path:
        return self.folder / site / f"{topic}.json"
