"""Liaison with platforms: batches, letters, what was written down of them, files of answers, each with its wall."""

import sqlalchemy as sa
from alembic import op

from models.storage.walls import ACTING, OWN, raise_wall

revision = "20261125_1300"
down_revision = "20261125_1030"
branch_labels = None
depends_on = None

PARTY = f"receiver_id = {ACTING} OR holder_id = {ACTING}"


def upgrade() -> None:
    _make_batches()
    _make_letters()
    _make_events()
    _make_files()
    connection = op.get_bind()
    raise_wall(connection, "liaison_batches")
    raise_wall(connection, "liaison_files")
    raise_wall(connection, "liaison_letters", reads=f"{OWN} OR {PARTY}")
    raise_wall(connection, "liaison_events", reads=f"{OWN} OR (shared = 1 AND (sender_id = {ACTING} OR {PARTY}))")


def _make_batches() -> None:
    op.create_table(
        "liaison_batches",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "batch_id", name=op.f("pk_liaison_batches")),
    )
    op.create_index(
        "ix_liaison_batches_by_state", "liaison_batches", ["organisation_id", "state", "made_at", "batch_id"]
    )
    op.create_index("ix_liaison_batches_by_time", "liaison_batches", ["organisation_id", "made_at", "batch_id"])
    op.create_index("ix_liaison_batches_by_case", "liaison_batches", ["organisation_id", "case_number"])


def _make_letters() -> None:
    op.create_table(
        "liaison_letters",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "batch_id", name=op.f("pk_liaison_letters")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "batch_id"],
            ["liaison_batches.organisation_id", "liaison_batches.batch_id"],
            name=op.f("fk_liaison_letters_organisation_id_batch_id_liaison_batches"),
        ),
    )
    op.create_index("ix_liaison_letters_by_receiver", "liaison_letters", ["receiver_id", "sent_at"])
    op.create_index("ix_liaison_letters_by_holder", "liaison_letters", ["holder_id", "sent_at"])


def _make_events() -> None:
    op.create_table(
        "liaison_events",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("shared", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "batch_id", "number", name=op.f("pk_liaison_events")),
    )
    op.create_index("ix_liaison_events_by_batch", "liaison_events", ["batch_id"])


def _make_files() -> None:
    op.create_table(
        "liaison_files",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "batch_id", "sha256", name=op.f("pk_liaison_files")),
    )
