"""The tables of rights holders: their places in units' registries, their uploads, and answers on referrals. The laws of
`models.storage.tables` hold for them."""

from sqlalchemy import Column, Index

from models.storage.columns import Instant, code, table_of, words

# Which holder keeps its marks in a unit's registry: the row is the unit's, and the holder may read it.
registry_places = table_of(
    "registry_places",
    words("holder_id"),
    Column("given_at", Instant, nullable=False),
    words("body"),
    Index(None, "holder_id"),
    key=("holder_id",),
)

# Files as they were previewed, of whoever brought them; `taken_at` says that one was confirmed.
registry_uploads = table_of(
    "registry_uploads",
    code("upload_id"),
    Column("at", Instant, nullable=False),
    Column("taken_at", Instant, nullable=True),
    words("body"),
    key=("upload_id",),
)

# Opinions of holders and feedback of units on a referral; the row is the writer's, and both may read it.
referral_answers = table_of(
    "referral_answers",
    code("answer_id"),
    code("referral_id"),
    words("unit_id"),
    words("holder_id"),
    Column("at", Instant, nullable=False),
    words("body"),
    Index(None, "referral_id", "at"),
    key=("answer_id",),
)
