"""The tables of the archive: where archived subjects lie, and what must not be archived. The laws of
`models.storage.tables` hold for them.
"""

from sqlalchemy import Column, Index

from models.storage.columns import Instant, code, table_of, words

# `screening_keys` are those of the archived screenings, parted by spaces: what is delivered again is told by them.
archived_subjects = table_of(
    "archived_subjects",
    code("subject_token"),
    code("file_sha256"),
    code("kind"),
    words("platform"),
    words("native_id"),
    code("outcome"),
    code("screening_keys"),
    Column("screened_at", Instant, nullable=False),
    Column("archived_at", Instant, nullable=False),
    Column("returned_at", Instant, nullable=True),
    Index(None, "organisation_id", "native_id"),
    Index("ix_archived_subjects_by_outcome", "organisation_id", "returned_at", "outcome"),
    Index("ix_archived_subjects_by_file", "organisation_id", "file_sha256"),
    key=("subject_token", "file_sha256"),
)

archive_holds = table_of(
    "archive_holds",
    code("subject_token"),
    words("platform"),
    words("native_id"),
    words("reason"),
    words("held_by"),
    Column("held_at", Instant, nullable=False),
    key=("subject_token",),
)
