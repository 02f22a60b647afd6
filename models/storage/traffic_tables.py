"""The tables of traffic: what waits to be published, and how far a re-screening has come. The laws of
`models.storage.tables` hold for them.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Sequence, Text, text

from models.storage.columns import Instant, code, metadata, table_of, words

# Numbers the outbox on PostgreSQL without a lock; on SQLite one transaction writes at a time and counts by itself.
outbox_numbers = Sequence("outbox_number", metadata=metadata)

# `body` is the message as `models.dead_letters.payload_text` writes it. A sent row stays for a while.
outbox = table_of(
    "outbox",
    Column("number", BigInteger, nullable=False, autoincrement=False),
    code("message_id"),
    code("topic"),
    words("message_key"),
    code("body"),
    Column("told_at", Instant, nullable=False),
    Column("claimed_by", Text, nullable=False, server_default=text("''")),
    Column("claimed_until", Instant, nullable=True),
    Column("sent_at", Instant, nullable=True),
    Index(
        "ix_outbox_waiting", "number", sqlite_where=text("sent_at IS NULL"), postgresql_where=text("sent_at IS NULL")
    ),
    Index("ix_outbox_sent", "sent_at"),
    key=("number",),
)

# One row per run: `cursor` is the last subject's token that is done.
rescreenings = table_of(
    "rescreenings",
    code("run_id"),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=True),
    Column("done", Integer, nullable=False),
    words("body"),
    Index(None, "organisation_id", "started_at"),
    key=("run_id",),
)
