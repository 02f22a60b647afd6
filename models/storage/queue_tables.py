"""The tables of the queue: counts, parties, claims, views, and the terms that things are found by. The laws of
`models.storage.tables` hold for them.

Counts, parties and terms follow from other rows: they are written in the same transaction and can be built anew.
"""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Text

from models.storage.columns import Instant, code, table_of, words

# How many leads stand under a value: `field` is traits, mark or category (`models.storage.queue.standing`).
lead_tallies = table_of(
    "lead_tallies",
    code("field"),
    code("disposition"),
    words("value"),
    Column("count", BigInteger, nullable=False),
    key=("field", "disposition", "value"),
)

parties = table_of(
    "parties",
    code("party_key"),
    words("name"),
    words("uscc"),
    code("division"),
    code("place"),
    Column("leads", Integer, nullable=False),
    Column("open_leads", Integer, nullable=False),
    Column("best_score", Float(53), nullable=False),
    Column("value", Float(53), nullable=False),
    Column("last_seen", Instant, nullable=False),
    Index("ix_parties_by_value", "organisation_id", "value", "party_key"),
    Index("ix_parties_by_place", "organisation_id", "place", "value", "party_key"),
    key=("party_key",),
)

lead_claims = table_of(
    "lead_claims",
    code("lead_id"),
    words("holder"),
    Column("claimed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    words("assigned_by"),
    Index(None, "organisation_id", "holder", "expires_at"),
    key=("lead_id",),
)

saved_views = table_of(
    "saved_views",
    code("view_id"),
    words("owner"),
    Column("shared", Integer, nullable=False),
    words("body"),
    Index(None, "organisation_id", "owner"),
    key=("view_id",),
)

capacities = table_of("capacities", words("account_id"), Column("leads", Integer, nullable=False), key=("account_id",))

# A thing as it is found; numbers grow, so that newer things have greater ones.
search_entries = table_of(
    "search_entries",
    Column("number", BigInteger, nullable=False, autoincrement=False),
    code("kind"),
    words("thing_id"),
    words("about"),
    words("fields"),
    Index(None, "organisation_id", "kind", "thing_id", unique=True),
    key=("number",),
)

# One row for each term of a thing; the key is the whole row.
search_terms = table_of(
    "search_terms",
    code("kind"),
    Column("term", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("number", BigInteger, nullable=False, autoincrement=False),
    key=("kind", "term", "number"),
    sqlite_with_rowid=False,
)
