"""The store of liaison: each step in one transaction."""

from datetime import datetime

from sqlalchemy import Engine, select

from models.errors import NotFoundError
from models.liaison import AnswerFile, Batch, BatchPage, BatchState, LiaisonEvent, Progress, SentLetter, progress_of
from models.storage.engine import add_missing, reading, writing
from models.storage.liaison import batches, letters
from models.storage.liaison_tables import liaison_files


class SqlLiaisonStore:
    """Implements `models.liaison.keeping.LiaisonStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, batch: Batch, event: LiaisonEvent) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            batches.add(connection, batch)
            batches.write(connection, batch, event)

    def get(self, organisation_id: str, batch_id: str) -> Batch:
        """See the port."""
        with reading(self._engine) as connection:
            return batches.read(connection, organisation_id, batch_id)

    def find(
        self, organisation_id: str, *, state: BatchState | None = None, after: str = "", limit: int = 50
    ) -> BatchPage:
        """See the port."""
        with reading(self._engine) as connection:
            return batches.page(connection, organisation_id, state=state, after=after, limit=limit)

    def save(self, before: Batch, after: Batch, events: tuple[LiaisonEvent, ...]) -> Batch:
        """See the port."""
        with writing(self._engine) as connection:
            batches.change(connection, before, after)
            for event in events:
                batches.write(connection, after, event)
        return after

    def note(self, batch: Batch, event: LiaisonEvent) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            batches.write(connection, batch, event)

    def send(self, before: Batch, after: Batch, letter: SentLetter, event: LiaisonEvent) -> Batch:
        """See the port."""
        with writing(self._engine) as connection:
            batches.change(connection, before, after)
            letters.add(connection, letter)
            batches.write(connection, after, event)
        return after

    def withdraw(self, batch: Batch, *, reason: str, by: str, at: datetime) -> tuple[str, ...]:
        """See the port."""
        with writing(self._engine) as connection:
            return batches.take_back(connection, batch, reason=reason, by=by, at=at)

    def letters(self, organisation_id: str) -> tuple[SentLetter, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return letters.every(connection, organisation_id)

    def letter(self, organisation_id: str, batch_id: str) -> SentLetter:
        """See the port."""
        with reading(self._engine) as connection:
            return letters.read(connection, organisation_id, batch_id)

    def events(self, organisation_id: str, batch_id: str) -> tuple[LiaisonEvent, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return letters.events(connection, organisation_id, batch_id)

    def progress(self, organisation_id: str, batch_id: str) -> Progress:
        """See the port."""
        with reading(self._engine) as connection:
            return letters.progress(connection, organisation_id, batch_id)

    def overview(self, organisation_id: str) -> tuple[tuple[SentLetter, Progress], ...]:
        """See the port."""
        with reading(self._engine) as connection:
            told = letters.events_of_all(connection, organisation_id)
            return tuple(
                (each, progress_of(each.letter, told.get(each.letter.batch_id, ())))
                for each in letters.every(connection, organisation_id)
            )

    def tell(self, event: LiaisonEvent, *, seen: int | None) -> LiaisonEvent:
        """See the port."""
        with writing(self._engine) as connection:
            return letters.tell(connection, event, seen)

    def keep_file(self, file: AnswerFile) -> None:
        """See the port."""
        row = {
            "organisation_id": file.organisation_id,
            "batch_id": file.batch_id,
            "sha256": file.sha256,
            "at": file.at,
            "body": file.model_dump_json(),
        }
        with writing(self._engine) as connection:
            letters.read(connection, file.organisation_id, file.batch_id)
            add_missing(connection, liaison_files, [row])

    def kept_file(self, organisation_id: str, batch_id: str, sha256: str) -> AnswerFile:
        """See the port."""
        table = liaison_files
        query = select(table.c.body).where(
            table.c.organisation_id == organisation_id, table.c.batch_id == batch_id, table.c.sha256 == sha256
        )
        with reading(self._engine) as connection:
            body = connection.execute(query).scalar_one_or_none()
        if body is None:
            raise NotFoundError("no such file was looked at", where=sha256, mend="upload it for a preview first")
        return AnswerFile.model_validate_json(body)

    def of_case(self, organisation_id: str, case_number: str) -> tuple[Batch, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            return batches.of_case(connection, organisation_id, case_number)
