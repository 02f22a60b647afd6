"""First schema: the registry with its history, the ledger of screenings, leads, case leads, accounts."""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1400"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "account_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("account_id", name=op.f("uq_accounts_account_id")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_table(
        "authorised_sellers",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("row_digest", sa.Text(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=True),
        sa.Column("mark_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "row_digest", "from_version", name=op.f("pk_authorised_sellers")),
    )
    op.create_index(
        op.f("ix_authorised_sellers_organisation_id_to_version"),
        "authorised_sellers",
        ["organisation_id", "to_version"],
        unique=False,
    )
    op.create_table(
        "awaited_listings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("subject_token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "listing_id", "subject_token", name=op.f("pk_awaited_listings")),
    )
    op.create_table(
        "case_leads",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dossier_digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "case_number", name=op.f("pk_case_leads")),
    )
    op.create_table(
        "counters",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "name", name=op.f("pk_counters")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "topic", "partition", "offset", name=op.f("pk_dead_letters")),
    )
    op.create_index(
        op.f("ix_dead_letters_organisation_id_last_seen"),
        "dead_letters",
        ["organisation_id", "last_seen"],
        unique=False,
    )
    op.create_table(
        "findings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("screening_key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("detector", sa.Text(), nullable=False),
        sa.Column("mark_id", sa.Text(), nullable=True),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "screening_key", "position", name=op.f("pk_findings")),
    )
    op.create_table(
        "held_pictures",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "content_sha256", name=op.f("pk_held_pictures")),
    )
    op.create_table(
        "listing_prices",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("subject_token", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "subject_token", "day", name=op.f("pk_listing_prices")),
    )
    op.create_index(
        op.f("ix_listing_prices_organisation_id_day"), "listing_prices", ["organisation_id", "day"], unique=False
    )
    op.create_table(
        "snapshots",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "name", "version", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "lead_traits",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value_key", sa.Text(), nullable=False),
        sa.Column("combination_key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "field", "value_key", "combination_key", name=op.f("pk_lead_traits")
        ),
    )
    op.create_table(
        "leads",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("screening_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("seller_name", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=False),
        sa.Column("cell", sa.Text(), nullable=True),
        sa.Column("mark_id", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("traits_key", sa.Text(), nullable=False),
        sa.Column("marks_key", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("group_pinned", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "lead_id", name=op.f("pk_leads")),
    )
    op.create_index(op.f("ix_leads_organisation_id_group_id"), "leads", ["organisation_id", "group_id"], unique=False)
    op.create_index(
        "ix_leads_by_group",
        "leads",
        ["organisation_id", "disposition", "group_id", "traits_key", "marks_key"],
        unique=False,
    )
    op.create_table(
        "lead_sketches",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "lead_id", name=op.f("pk_lead_sketches")),
    )
    op.create_table(
        "sketch_buckets",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "bucket", "lead_id", name=op.f("pk_sketch_buckets")),
    )
    op.create_table(
        "journal",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "name", "number", name=op.f("pk_journal")),
    )
    op.create_index(
        op.f("ix_journal_organisation_id_name_about"), "journal", ["organisation_id", "name", "about"], unique=False
    )
    op.create_index(
        "ix_leads_by_marks",
        "leads",
        ["organisation_id", "disposition", "marks_key", "traits_key"],
        unique=False,
    )
    op.create_index(
        "ix_leads_by_traits",
        "leads",
        ["organisation_id", "disposition", "traits_key", "marks_key"],
        unique=False,
    )
    op.create_index(
        "ix_leads_by_score",
        "leads",
        ["organisation_id", "disposition", "score", "lead_id", "traits_key", "marks_key"],
        unique=False,
    )
    op.create_index(
        "ix_leads_by_time",
        "leads",
        ["organisation_id", "disposition", "last_seen", "lead_id", "traits_key", "marks_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_leads_organisation_id_last_seen_lead_id"),
        "leads",
        ["organisation_id", "last_seen", "lead_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_leads_organisation_id_score_lead_id"), "leads", ["organisation_id", "score", "lead_id"], unique=False
    )
    op.create_table(
        "marks",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("mark_id", sa.Text(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=True),
        sa.Column("row_digest", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "mark_id", "from_version", name=op.f("pk_marks")),
    )
    op.create_index(
        op.f("ix_marks_organisation_id_to_version"), "marks", ["organisation_id", "to_version"], unique=False
    )
    op.create_table(
        "observations",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("observation_id", sa.Text(), nullable=False),
        sa.Column("subject_token", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "observation_id", name=op.f("pk_observations")),
    )
    op.create_table(
        "picture_readings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("reading_key", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "reading_key", name=op.f("pk_picture_readings")),
    )
    op.create_index(
        op.f("ix_picture_readings_organisation_id_address_key_sequence"),
        "picture_readings",
        ["organisation_id", "address_key", "sequence"],
        unique=False,
    )
    op.create_table(
        "reference_goods",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("goods_id", sa.Text(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=True),
        sa.Column("row_digest", sa.Text(), nullable=False),
        sa.Column("mark_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "goods_id", "from_version", name=op.f("pk_reference_goods")),
    )
    op.create_index(
        op.f("ix_reference_goods_organisation_id_to_version"),
        "reference_goods",
        ["organisation_id", "to_version"],
        unique=False,
    )
    op.create_table(
        "reference_pictures",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("picture_key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "picture_key", name=op.f("pk_reference_pictures")),
    )
    op.create_table(
        "registry_versions",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("rows_digest", sa.Text(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_registry_versions")),
        sa.UniqueConstraint("organisation_id", "version", name=op.f("uq_registry_versions_organisation_id_version")),
    )
    op.create_index(
        op.f("ix_registry_versions_organisation_id_rows_digest"),
        "registry_versions",
        ["organisation_id", "rows_digest"],
        unique=False,
    )
    op.create_table(
        "screenings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("screening_key", sa.Text(), nullable=False),
        sa.Column("subject_token", sa.Text(), nullable=False),
        sa.Column("observation_id", sa.Text(), nullable=False),
        sa.Column("registry_version", sa.Text(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("context_version", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("screened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "screening_key", name=op.f("pk_screenings")),
    )
    op.create_table(
        "subjects",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("subject_token", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("observation_id", sa.Text(), nullable=False),
        sa.Column("screening_key", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("screened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "subject_token", name=op.f("pk_subjects")),
    )
    op.create_index(
        op.f("ix_subjects_organisation_id_native_id"), "subjects", ["organisation_id", "native_id"], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "lead_id"],
            ["leads.organisation_id", "leads.lead_id"],
            name=op.f("fk_decisions_organisation_id_lead_id_leads"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "lead_id", "revision", name=op.f("pk_decisions")),
    )
    op.create_table(
        "sessions",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "account_id"],
            ["accounts.organisation_id", "accounts.account_id"],
            name=op.f("fk_sessions_organisation_id_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "token_hash", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
