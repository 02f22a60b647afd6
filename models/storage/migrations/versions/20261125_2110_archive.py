"""The archive: where archived subjects lie, and what is held back from it."""

import sqlalchemy as sa
from alembic import op

from models.storage.walls import raise_wall

revision = "20261125_2110"
down_revision = "20261125_2050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archived_subjects",
        *(_text(name) for name in ("organisation_id", "subject_token", "file_sha256", "kind", "platform", "native_id")),
        *(_text(name) for name in ("outcome", "screening_keys")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("screened_at", "archived_at")),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "subject_token", "file_sha256", name=op.f("pk_archived_subjects")),
    )
    op.create_index(
        op.f("ix_archived_subjects_organisation_id_native_id"), "archived_subjects", ["organisation_id", "native_id"]
    )
    op.create_index(
        "ix_archived_subjects_by_outcome", "archived_subjects", ["organisation_id", "returned_at", "outcome"]
    )
    op.create_index("ix_archived_subjects_by_file", "archived_subjects", ["organisation_id", "file_sha256"])
    raise_wall(op.get_bind(), "archived_subjects")
    op.create_table(
        "archive_holds",
        *(_text(name) for name in ("organisation_id", "subject_token", "platform", "native_id", "reason", "held_by")),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "subject_token", name=op.f("pk_archive_holds")),
    )
    raise_wall(op.get_bind(), "archive_holds")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
