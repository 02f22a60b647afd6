"""The queue: parties, claims, saved views, counts and the terms of search; leads by what a minute on them is expected
to yield. What follows from leads that are there is built by `models.storage.migration` once the tables are."""

import sqlalchemy as sa
from alembic import op

from models.storage.walls import raise_wall

revision = "20261125_1340"
down_revision = "20261125_1310"
branch_labels = None
depends_on = None

TABLES = ("lead_tallies", "parties", "lead_claims", "saved_views", "capacities", "search_entries", "search_terms")


def upgrade() -> None:
    _widen_leads()
    op.add_column("decisions", sa.Column("spent_s", sa.Integer(), nullable=True))
    op.create_index("ix_screenings_by_subject", "screenings", ["organisation_id", "subject_token", "screened_at"])
    op.create_index("ix_decisions_by_person", "decisions", ["organisation_id", "decided_by", "decided_at"])
    _make_counts()
    _make_work()
    _make_search()
    for table in TABLES:
        raise_wall(op.get_bind(), table)


def _widen_leads() -> None:
    for name in ("party_key", "division", "category"):
        op.add_column("leads", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    for name in ("worth", "value"):
        op.add_column("leads", sa.Column(name, sa.Float(53), nullable=False, server_default="0"))
    op.add_column("leads", sa.Column("reach", sa.Integer(), nullable=False, server_default="1"))
    for name, columns in (
        ("ix_leads_by_value", ["disposition", "value", "lead_id", "traits_key", "marks_key"]),
        ("ix_leads_by_category", ["disposition", "category", "value", "lead_id"]),
        ("ix_leads_by_party", ["party_key", "disposition", "worth", "score", "last_seen"]),
    ):
        op.create_index(name, "leads", ["organisation_id", *columns])


def _make_counts() -> None:
    op.create_table(
        "lead_tallies",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "field", "disposition", "value", name=op.f("pk_lead_tallies")),
    )
    op.create_table(
        "parties",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("party_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("open_leads", sa.Integer(), nullable=False),
        sa.Column("best_score", sa.Float(53), nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "party_key", name=op.f("pk_parties")),
    )
    op.create_index("ix_parties_by_value", "parties", ["organisation_id", "value", "party_key"])
    op.create_index("ix_parties_by_place", "parties", ["organisation_id", "place", "value", "party_key"])


def _make_work() -> None:
    op.create_table(
        "lead_claims",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "lead_id", name=op.f("pk_lead_claims")),
    )
    op.create_index(
        op.f("ix_lead_claims_organisation_id_holder_expires_at"),
        "lead_claims",
        ["organisation_id", "holder", "expires_at"],
    )
    op.create_table(
        "saved_views",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("shared", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "view_id", name=op.f("pk_saved_views")),
    )
    op.create_index(op.f("ix_saved_views_organisation_id_owner"), "saved_views", ["organisation_id", "owner"])
    op.create_table(
        "capacities",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "account_id", name=op.f("pk_capacities")),
    )


def _make_search() -> None:
    op.create_table(
        "search_entries",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_search_entries")),
    )
    op.create_index(
        op.f("ix_search_entries_organisation_id_kind_thing_id"),
        "search_entries",
        ["organisation_id", "kind", "thing_id"],
        unique=True,
    )
    op.create_table(
        "search_terms",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("organisation_id", "kind", "term", "number", name=op.f("pk_search_terms")),
        sqlite_with_rowid=False,
    )
