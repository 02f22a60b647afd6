"""Case leads: their versions, where they stand, and answers kept for retried requests. Registered ones stand as
registered, in their first version."""

import json

import sqlalchemy as sa
from alembic import op

from models.storage.walls import raise_wall

revision = "20261125_1030"
down_revision = "20261125_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    standings = op.create_table(
        "case_standings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "case_number", name=op.f("pk_case_standings")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_number"],
            ["case_leads.organisation_id", "case_leads.case_number"],
            name=op.f("fk_case_standings_organisation_id_case_number_case_leads"),
        ),
    )
    op.create_index(
        "ix_case_standings_by_state", "case_standings", ["organisation_id", "state", "registered_at", "case_number"]
    )
    op.create_index("ix_case_standings_by_time", "case_standings", ["organisation_id", "registered_at", "case_number"])
    op.create_table(
        "case_versions",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("dossier_digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "case_number", "version", name=op.f("pk_case_versions")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_number"],
            ["case_leads.organisation_id", "case_leads.case_number"],
            name=op.f("fk_case_versions_organisation_id_case_number_case_leads"),
        ),
    )
    op.create_table(
        "answered_requests",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "caller", "request_key", name=op.f("pk_answered_requests")),
    )
    op.create_index(
        op.f("ix_answered_requests_organisation_id_begun_at"), "answered_requests", ["organisation_id", "begun_at"]
    )
    for table in ("case_standings", "case_versions", "answered_requests"):
        raise_wall(op.get_bind(), table)
    _stand(standings)


def _stand(standings: sa.Table) -> None:
    """Give every case lead that is there its standing."""
    registered = sa.table(
        "case_leads",
        sa.column("organisation_id", sa.Text()),
        sa.column("case_number", sa.Text()),
        sa.column("registered_at", sa.DateTime(timezone=True)),
        sa.column("body", sa.Text()),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(registered)).all():
        dossier = json.loads(row.body)["dossier"]
        body = {
            "organisation_id": row.organisation_id,
            "case_number": row.case_number,
            "registered_at": json.loads(row.body)["registered_at"],
            "changed_at": json.loads(row.body)["registered_at"],
            "accepted_by": dossier["accepted_by"],
            "marks": [mark["text"] or mark["mark_id"] for mark in dossier["marks"]],
            "leads": len(dossier["leads"]),
            "note": dossier["note"],
        }
        connection.execute(
            standings.insert().values(
                organisation_id=row.organisation_id,
                case_number=row.case_number,
                state="registered",
                revision=0,
                registered_at=row.registered_at,
                body=json.dumps(body, ensure_ascii=True),
            )
        )
