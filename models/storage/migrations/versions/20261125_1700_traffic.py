"""Traffic: the outbox, letters that can be replayed, and the progress of re-screening."""

import json

import sqlalchemy as sa
from alembic import op

from models.storage.walls import TENANT_ROLE, raise_wall

revision = "20261125_1700"
down_revision = "20261125_1340"
branch_labels = None
depends_on = None

SEQUENCE = "outbox_number"


def upgrade() -> None:
    _make_outbox()
    _widen_letters()
    op.create_table(
        "rescreenings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "run_id", name=op.f("pk_rescreenings")),
    )
    op.create_index(
        op.f("ix_rescreenings_organisation_id_started_at"), "rescreenings", ["organisation_id", "started_at"]
    )
    raise_wall(op.get_bind(), "rescreenings")


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_outbox")),
    )
    waits = sa.text("sent_at IS NULL")
    op.create_index("ix_outbox_waiting", "outbox", ["number"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_outbox_sent", "outbox", ["sent_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE SEQUENCE {SEQUENCE}")
        op.execute(
            f"""
            DO $$
            BEGIN
                IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{TENANT_ROLE}')
                        AND (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
                    GRANT USAGE ON SEQUENCE {SEQUENCE} TO {TENANT_ROLE};
                END IF;
            END $$
            """
        )
    raise_wall(op.get_bind(), "outbox")


def _widen_letters() -> None:
    for name in ("reason", "payload_sha256", "replayed_by"):
        op.add_column("dead_letters", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("dead_letters", sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'open'")))
    for name in ("replayed_at", "ended_at"):
        op.add_column("dead_letters", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    _tell_reasons()
    op.create_index("ix_dead_letters_by_state", "dead_letters", ["organisation_id", "state", "last_seen"])
    op.create_index("ix_dead_letters_by_payload", "dead_letters", ["organisation_id", "topic", "payload_sha256"])


def _tell_reasons() -> None:
    """Fill the new columns from the letters themselves. PostgreSQL's own JSON refuses escapes that a body may hold."""
    names = ("organisation_id", "topic", "partition", "offset")
    letters = sa.table("dead_letters", *map(sa.column, (*names, "body", "reason", "payload_sha256")))
    key = [letters.c[name] == sa.bindparam(f"of_{name}") for name in names]
    connection = op.get_bind()
    rows = connection.execute(sa.select(*(letters.c[name] for name in names), letters.c.body)).all()
    for start in range(0, len(rows), 1000):
        told = []
        for row in rows[start : start + 1000]:
            body = json.loads(row.body)
            reason = body["reason"].replace("\x00", "␀").encode("utf-8", "replace").decode()
            place = {f"of_{name}": getattr(row, name) for name in names}
            told.append({**place, "reason": reason, "payload_sha256": body["payload_sha256"]})
        connection.execute(
            sa.update(letters)
            .where(*key)
            .values(reason=sa.bindparam("reason"), payload_sha256=sa.bindparam("payload_sha256")),
            told,
        )
