"""Subjects by how they ended: counted along an index, and found by age among those that led to nothing."""

from models.storage.live import add_index

revision = "20261125_2050"
down_revision = "20261125_1700"
branch_labels = None
depends_on = None

BESIDE_TRAFFIC = True


def upgrade() -> None:
    add_index("ix_subjects_by_outcome", "subjects", ["organisation_id", "outcome", "screened_at", "subject_token"])
