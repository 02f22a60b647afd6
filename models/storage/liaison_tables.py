"""The tables of liaison: batches, the letters that left, what was written down of them, and files of answers. The laws
of `models.storage.tables` hold for them."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer

from models.storage.columns import Instant, code, table_of, words

# The sender's own: drafts, doubts, who checked what.
liaison_batches = table_of(
    "liaison_batches",
    code("batch_id"),
    code("state"),
    Column("revision", Integer, nullable=False),
    words("case_number"),
    Column("made_at", Instant, nullable=False),
    words("body"),
    Index("ix_liaison_batches_by_state", "organisation_id", "state", "made_at", "batch_id"),
    Index("ix_liaison_batches_by_time", "organisation_id", "made_at", "batch_id"),
    Index("ix_liaison_batches_by_case", "organisation_id", "case_number"),
    key=("batch_id",),
)

# What left. The row is the sender's; the platform and the holder that it names may read it.
liaison_letters = table_of(
    "liaison_letters",
    code("batch_id"),
    words("receiver_id"),
    words("holder_id"),
    Column("sent_at", Instant, nullable=False),
    words("body"),
    ForeignKeyConstraint(
        ["organisation_id", "batch_id"], ["liaison_batches.organisation_id", "liaison_batches.batch_id"]
    ),
    Index("ix_liaison_letters_by_receiver", "receiver_id", "sent_at"),
    Index("ix_liaison_letters_by_holder", "holder_id", "sent_at"),
    key=("batch_id",),
)

# What was written down, in the name of whoever wrote it; what is shared is read by every party to the letter.
liaison_events = table_of(
    "liaison_events",
    code("batch_id"),
    Column("number", Integer, nullable=False),
    words("sender_id"),
    words("receiver_id"),
    words("holder_id"),
    code("act"),
    Column("shared", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    words("body"),
    Index("ix_liaison_events_by_batch", "batch_id"),
    key=("batch_id", "number"),
)

# Files of answers that somebody looked at, so that exactly the same bytes can be taken over.
liaison_files = table_of(
    "liaison_files",
    code("batch_id"),
    code("sha256"),
    Column("at", Instant, nullable=False),
    words("body"),
    key=("batch_id", "sha256"),
)
