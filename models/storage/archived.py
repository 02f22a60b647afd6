"""What the ledger knows of the archive: a subject that is seen again comes back, one that is delivered again does not.

Whoever records or archives holds the subject's row first. So a recorded subject is either here, and stays here until
the transaction ends, or its entry in the archive can be seen.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from models.storage.archive_tables import archived_subjects as table
from models.storage.engine import pages
from models.storage.ledger import Entry, by_organisation


def without_repeated(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Those of the entries that are not in the archive as they are; subjects of the archive among them come back."""
    keys: dict[tuple[str, str], set[str]] = {}
    query = select(table.c.organisation_id, table.c.subject_token, table.c.screening_keys)
    for organisation_id, tokens in by_organisation(entries).items():
        mine = query.where(table.c.organisation_id == organisation_id).order_by(*table.primary_key.columns)
        for page in pages(tokens):
            for row in connection.execute(mine.where(table.c.subject_token.in_(page)).with_for_update()):
                keys.setdefault((row.organisation_id, row.subject_token), set()).update(row.screening_keys.split())
    if not keys:
        return list(entries)
    new = [entry for entry in entries if entry.screening.screening_key not in keys.get(entry.subject, ())]
    back: dict[tuple[str, str], datetime] = {}
    for entry in new:
        if entry.subject in keys:
            back.setdefault(entry.subject, entry.screening.screened_at)
    for (organisation_id, token), at in sorted(back.items()):
        this = (table.c.organisation_id == organisation_id, table.c.subject_token == token)
        connection.execute(update(table).where(*this, table.c.returned_at.is_(None)).values(returned_at=at))
    return new


def outcomes(connection: Connection, organisation_id: str) -> dict[str, int]:
    """How the subjects ended that are in the archive and nowhere else."""
    query = select(table.c.outcome, func.count()).where(
        table.c.organisation_id == organisation_id, table.c.returned_at.is_(None)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(table.c.outcome))}
