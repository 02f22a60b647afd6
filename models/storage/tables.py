"""The tables. Owns names, columns and keys; leaves every statement to the store that needs it.

Laws, held by `tests/models/storage/test_tables.py`:
- every table has `organisation_id`, and every key that must be unique begins with it. Exceptions, because a sign-in
  happens before its organisation is known: an account's `name`, `account_id` and `identity`, a session's `token_hash`,
  a machine key's `key_hash`;
- on PostgreSQL every table has its wall (`models.storage.walls`): a new one gets it in its migration;
- a pydantic dump (`body`, JSON text) is stored once. Columns beside it are what statements filter, join or order by,
  and what the queue shows.

Columns are made by `models.storage.columns`; the tables of organisations and people are in
`models.storage.access_tables`, those that follow from leads in `models.storage.queue_tables`, those of liaison in
`models.storage.liaison_tables`, those of rights holders in `models.storage.rights_tables`, the outbox and the progress
of re-screening in `models.storage.traffic_tables`, those of the archive in `models.storage.archive_tables`.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from models.storage import access_tables as access_tables  # in the same metadata
from models.storage import archive_tables as archive_tables
from models.storage import liaison_tables as liaison_tables
from models.storage import queue_tables as queue_tables
from models.storage import rights_tables as rights_tables
from models.storage import traffic_tables as traffic_tables
from models.storage.columns import Instant, Words, metadata
from models.storage.columns import code as _code
from models.storage.columns import table_of as _table
from models.storage.columns import words as _words

__all__ = ["metadata"]

counters = _table("counters", _words("name"), Column("value", BigInteger, nullable=False), key=("name",))

registry_versions = _table(
    "registry_versions",
    Column("number", Integer, nullable=False),
    _words("version"),
    _words("rows_digest"),
    Column("committed_at", Instant, nullable=False),
    Column("committed_by", Text, nullable=False, server_default=text("''")),
    Column("acting_for", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("organisation_id", "version"),
    Index(None, "organisation_id", "rows_digest"),
    key=("number",),
)


def _versioned(name: str, native: str, *columns: Column[Any]) -> Table:
    """Rows of the registry: valid from version number `from_version` until before `to_version` (null: still)."""
    return _table(
        name,
        _words(native),
        Column("from_version", Integer, nullable=False),
        Column("to_version", Integer, nullable=True),
        *columns,
        _words("body"),
        Index(None, "organisation_id", "to_version"),
        key=(native, "from_version"),
    )


marks = _versioned("marks", "mark_id", _words("row_digest"), _words("text"))
reference_goods = _versioned("reference_goods", "goods_id", _words("row_digest"), _words("mark_id"))
authorised_sellers = _versioned("authorised_sellers", "row_digest", _words("mark_id"))

reference_pictures = _table("reference_pictures", _words("picture_key"), _words("body"), key=("picture_key",))

picture_readings = _table(
    "picture_readings",
    _words("reading_key"),
    _words("address_key"),
    Column("sequence", BigInteger, nullable=False),
    _words("body"),
    Index(None, "organisation_id", "address_key", "sequence"),
    key=("reading_key",),
)

held_pictures = _table("held_pictures", _words("content_sha256"), key=("content_sha256",))

observations = _table(
    "observations",
    _code("observation_id"),
    _code("subject_token"),
    _code("body"),
    key=("observation_id",),
)

# Which parcels were screened without the listing that they name.
awaited_listings = _table(
    "awaited_listings", _words("listing_id"), _code("subject_token"), key=("listing_id", "subject_token")
)

subjects = _table(
    "subjects",
    _code("subject_token"),
    _code("kind"),
    _words("platform"),
    _words("native_id"),
    _code("observation_id"),
    _code("screening_key"),
    _code("outcome"),
    Column("screened_at", Instant, nullable=False),
    Index(None, "organisation_id", "native_id"),
    Index("ix_subjects_by_time", "organisation_id", "kind", "screened_at"),
    Index("ix_subjects_by_outcome", "organisation_id", "outcome", "screened_at", "subject_token"),
    key=("subject_token",),
)

screenings = _table(
    "screenings",
    _code("screening_key"),
    _code("subject_token"),
    _code("observation_id"),
    _code("registry_version"),
    _code("rules_version"),
    _code("context_version"),
    _code("outcome"),
    Column("screened_at", Instant, nullable=False),
    Column("assessment", Text, nullable=True),
    Index("ix_screenings_by_subject", "organisation_id", "subject_token", "screened_at"),
    key=("screening_key",),
)

findings = _table(
    "findings",
    _code("screening_key"),
    Column("position", Integer, nullable=False),
    _words("detector"),
    _words("mark_id", nullable=True),
    _code("stance"),
    _code("body"),
    key=("screening_key", "position"),
)

# Combinations of what the queue filters by; `value_key` is the digest of `value`, which may be long.
lead_traits = _table(
    "lead_traits",
    _code("field"),
    _code("value_key"),
    _code("combination_key"),
    _words("value"),
    key=("field", "value_key", "combination_key"),
)

leads = _table(
    "leads",
    _words("lead_id"),
    _words("screening_key"),
    _words("kind"),
    _words("platform"),
    _words("native_id"),
    _words("title"),
    _words("seller_name"),
    _words("price"),
    _words("currency"),
    Column("score", Float(53), nullable=False),
    _words("cell", nullable=True),
    _words("mark_id", nullable=True),
    _words("facts"),
    _code("traits_key"),
    _code("marks_key"),
    _words("picture"),
    _words("search_text"),
    _words("disposition"),
    _words("case_number"),
    Column("revision", Integer, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    _code("group_id"),
    Column("group_pinned", Integer, nullable=False),
    Column("party_key", Text, nullable=False, server_default=text("''")),
    Column("division", Text, nullable=False, server_default=text("''")),
    Column("category", Words, nullable=False, server_default=text("''")),
    # What a minute is expected to yield: `worth` for the lead alone, `value` with the reach of its twins.
    Column("worth", Float(53), nullable=False, server_default="0"),
    Column("reach", Integer, nullable=False, server_default="1"),
    Column("value", Float(53), nullable=False, server_default="0"),
    Index(None, "organisation_id", "group_id"),
    Index("ix_leads_by_value", "organisation_id", "disposition", "value", "lead_id", "traits_key", "marks_key"),
    Index("ix_leads_by_category", "organisation_id", "disposition", "category", "value", "lead_id"),
    Index("ix_leads_by_party", "organisation_id", "party_key", "disposition", "worth", "score", "last_seen"),
    Index("ix_leads_by_group", "organisation_id", "disposition", "group_id", "traits_key", "marks_key"),
    Index(None, "organisation_id", "score", "lead_id"),
    Index(None, "organisation_id", "last_seen", "lead_id"),
    # The last two columns let SQLite settle a filter in the index; the short names are within PostgreSQL's 63 bytes.
    Index("ix_leads_by_score", "organisation_id", "disposition", "score", "lead_id", "traits_key", "marks_key"),
    Index("ix_leads_by_time", "organisation_id", "disposition", "last_seen", "lead_id", "traits_key", "marks_key"),
    Index("ix_leads_by_traits", "organisation_id", "disposition", "traits_key", "marks_key"),
    Index("ix_leads_by_marks", "organisation_id", "disposition", "marks_key", "traits_key"),
    key=("lead_id",),
)

# What twins are told by, and the buckets in which possible twins meet.
lead_sketches = _table("lead_sketches", _code("lead_id"), _words("body"), key=("lead_id",))
sketch_buckets = _table("sketch_buckets", _code("bucket"), _code("lead_id"), key=("bucket", "lead_id"))

# What people settled, numbered and never changed: operating points, outcomes of cases, groups, comparisons of rules.
journal = _table(
    "journal",
    _code("name"),
    Column("number", BigInteger, nullable=False),
    _words("about"),
    Column("at", Instant, nullable=False),
    _words("body"),
    Index(None, "organisation_id", "name", "about"),
    key=("name", "number"),
)

# What a listing asked on a Shanghai day, by its latest sighting of that day.
listing_prices = _table(
    "listing_prices",
    _code("subject_token"),
    _code("day"),
    Column("seen_at", Instant, nullable=False),
    _code("price"),
    _code("currency"),
    Index(None, "organisation_id", "day"),
    key=("subject_token", "day"),
)

# Built once, read by every worker: the newest by `published_at`, some earlier ones kept.
snapshots = _table(
    "snapshots",
    _code("name"),
    _code("version"),
    Column("published_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    key=("name", "version"),
)

decisions = _table(
    "decisions",
    _words("lead_id"),
    Column("revision", Integer, nullable=False),
    _words("disposition"),
    _words("reason"),
    _words("decided_by"),
    Column("decided_at", Instant, nullable=False),
    Column("spent_s", Integer, nullable=True),  # from opening the lead to deciding, where that is known
    Index("ix_decisions_by_person", "organisation_id", "decided_by", "decided_at"),
    ForeignKeyConstraint(["organisation_id", "lead_id"], ["leads.organisation_id", "leads.lead_id"]),
    key=("lead_id", "revision"),
)

dead_letters = _table(
    "dead_letters",
    _words("topic"),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    _words("message_key"),
    Column("last_seen", Instant, nullable=False),
    _words("body"),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("reason", Words, nullable=False, server_default=text("''")),
    Column("payload_sha256", Text, nullable=False, server_default=text("''")),
    Column("replayed_at", Instant, nullable=True),
    Column("replayed_by", Words, nullable=False, server_default=text("''")),
    Column("ended_at", Instant, nullable=True),
    Index(None, "organisation_id", "last_seen"),
    Index("ix_dead_letters_by_state", "organisation_id", "state", "last_seen"),
    Index("ix_dead_letters_by_payload", "organisation_id", "topic", "payload_sha256"),
    key=("topic", "partition", "offset"),
)

case_leads = _table(
    "case_leads",
    _words("case_number"),
    Column("registered_at", Instant, nullable=False),
    _words("dossier_digest"),
    _words("body"),
    key=("case_number",),
)

# Where each case lead stands: the state and revision that a change claims; the body is the whole `CaseStanding`.
case_standings = _table(
    "case_standings",
    _words("case_number"),
    _code("state"),
    Column("revision", Integer, nullable=False),
    Column("registered_at", Instant, nullable=False),
    _words("body"),
    ForeignKeyConstraint(["organisation_id", "case_number"], ["case_leads.organisation_id", "case_leads.case_number"]),
    Index("ix_case_standings_by_state", "organisation_id", "state", "registered_at", "case_number"),
    Index("ix_case_standings_by_time", "organisation_id", "registered_at", "case_number"),
    key=("case_number",),
)

# Dossiers from the second version on; the first lies in `case_leads`, as it was registered.
case_versions = _table(
    "case_versions",
    _words("case_number"),
    Column("version", Integer, nullable=False),
    _code("dossier_digest"),
    _words("body"),
    ForeignKeyConstraint(["organisation_id", "case_number"], ["case_leads.organisation_id", "case_leads.case_number"]),
    key=("case_number", "version"),
)

# Requests that carried an idempotency key, with the answer that a retry is given; none yet: it is being worked on.
answered_requests = _table(
    "answered_requests",
    _words("caller"),
    _words("request_key"),
    _code("request_digest"),
    Column("begun_at", Instant, nullable=False),
    Column("answer", Text, nullable=True),
    Index(None, "organisation_id", "begun_at"),
    key=("caller", "request_key"),
)
