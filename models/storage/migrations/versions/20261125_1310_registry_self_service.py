"""Registry self-service: who changed the registry, places of rights holders in it, uploads, answers on referrals."""

import sqlalchemy as sa
from alembic import op

from models.storage.walls import ACTING, OWN, raise_wall

revision = "20261125_1310"
down_revision = "20261125_1300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("committed_by", "acting_for"):
        op.add_column("registry_versions", sa.Column(column, sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_subjects_by_time", "subjects", ["organisation_id", "kind", "screened_at"])
    op.create_table(
        "registry_places",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "holder_id", name=op.f("pk_registry_places")),
    )
    op.create_index(op.f("ix_registry_places_holder_id"), "registry_places", ["holder_id"])
    op.create_table(
        "registry_uploads",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "upload_id", name=op.f("pk_registry_uploads")),
    )
    op.create_table(
        "referral_answers",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "answer_id", name=op.f("pk_referral_answers")),
    )
    op.create_index(op.f("ix_referral_answers_referral_id_at"), "referral_answers", ["referral_id", "at"])
    connection = op.get_bind()
    raise_wall(connection, "registry_uploads")
    raise_wall(
        connection, "registry_places", reads=f"{OWN} OR holder_id = {ACTING} OR {_now_empowered('registry_places')}"
    )
    raise_wall(
        connection,
        "referral_answers",
        reads=f"{OWN} OR unit_id = {ACTING} OR holder_id = {ACTING} OR {_now_empowered('referral_answers')}",
    )


def _now_empowered(table: str) -> str:
    return (
        f"EXISTS (SELECT FROM powers_of_attorney AS power WHERE power.organisation_id = {table}.holder_id "
        f"AND power.agent_id = {ACTING} AND power.valid_from <= now() AND now() < power.valid_to)"
    )
