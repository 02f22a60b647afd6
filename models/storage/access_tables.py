"""The tables of access: organisations, people, sessions, keys, the audit trail, referrals. The laws of
`models.storage.tables` hold for them."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)

from models.storage.columns import Instant, code, table_of, words

organisations = table_of(
    "organisations",
    code("kind"),
    words("name"),
    code("regions"),
    key=(),
)

# Who acts for whom: the row is the holder's.
powers_of_attorney = table_of(
    "powers_of_attorney",
    words("agent_id"),
    words("mark_ids"),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant, nullable=False),
    Index(None, "agent_id"),
    key=("agent_id",),
)

accounts = table_of(
    "accounts",
    words("account_id"),
    words("name"),
    words("display_name"),
    words("password_hash"),
    Column("roles", Text, nullable=False, server_default=text("''")),
    Column("active", Integer, nullable=False, server_default="1"),
    UniqueConstraint("name"),
    UniqueConstraint("account_id"),
    key=("account_id",),
)

# Who an OpenID provider says an account's person is.
identities = table_of(
    "identities",
    words("account_id"),
    words("identity"),
    UniqueConstraint("identity"),
    ForeignKeyConstraint(["organisation_id", "account_id"], ["accounts.organisation_id", "accounts.account_id"]),
    key=("account_id",),
)

sessions = table_of(
    "sessions",
    words("token_hash"),
    words("account_id"),
    Column("expires_at", Instant, nullable=False),
    Column("last_used", Instant, nullable=False),
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["organisation_id", "account_id"], ["accounts.organisation_id", "accounts.account_id"]),
    key=("token_hash",),
)

# Sign-ins that have not succeeded, by the digest of the name that was typed: names that nobody has are counted too.
sign_in_attempts = table_of(
    "sign_in_attempts",
    code("name_key"),
    Column("count", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    key=("name_key",),
)

machine_keys = table_of(
    "machine_keys",
    code("key_id"),
    code("key_hash"),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant, nullable=True),
    words("body"),
    UniqueConstraint("key_hash"),
    key=("key_id",),
)

# Only ever added to: triggers refuse changes.
audit_trail = table_of(
    "audit_trail",
    Column("number", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    code("act"),
    words("actor"),
    words("about"),
    words("body"),
    Index(None, "organisation_id", "act", "number"),
    key=("number",),
)

# What a unit handed a rights holder of a lead; the row is the unit's, and the holder may read it.
referrals = table_of(
    "referrals",
    code("referral_id"),
    words("holder_id"),
    words("lead_id"),
    Column("revision", Integer, nullable=False),
    Column("referred_at", Instant, nullable=False),
    words("body"),
    UniqueConstraint("organisation_id", "lead_id", "holder_id", "revision"),
    Index(None, "holder_id", "referred_at"),
    key=("referral_id",),
)
