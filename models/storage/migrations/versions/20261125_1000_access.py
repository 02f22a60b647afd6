"""Access: organisations, roles, machine keys, the audit trail, referrals; and walls around every organisation's rows.

Accounts that exist become officer and administrator of their organisation, which becomes a supervision unit. Sessions
end: everybody signs in again.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.walls import ACTING, OWN, TENANT_ROLE, raise_wall

revision = "20261125_1000"
down_revision = "20261122_1400"
branch_labels = None
depends_on = None

# The tables of the revisions before this one, and this one's own; `raise_wall` is for each, once.
WALLED = (
    "accounts", "authorised_sellers", "awaited_listings", "case_leads", "counters", "dead_letters", "decisions",
    "findings", "held_pictures", "identities", "journal", "lead_sketches", "lead_traits", "leads", "listing_prices",
    "machine_keys", "marks", "observations", "organisations", "picture_readings", "reference_goods",
    "reference_pictures", "registry_versions", "screenings", "sessions", "sign_in_attempts", "sketch_buckets",
    "snapshots", "subjects",
)  # fmt: skip
NOW_EMPOWERED = (
    f"EXISTS (SELECT FROM powers_of_attorney AS power WHERE power.organisation_id = referrals.holder_id "
    f"AND power.agent_id = {ACTING} AND power.valid_from <= now() AND now() < power.valid_to)"
)
ONLY_GROWS = "the audit trail only grows"


def upgrade() -> None:
    connection = op.get_bind()
    _make_people()
    _make_trail()
    _make_referrals()
    _settle_what_exists()
    for table in WALLED:
        raise_wall(connection, table)
    raise_wall(connection, "powers_of_attorney", reads=f"{OWN} OR agent_id = {ACTING}")
    raise_wall(connection, "referrals", reads=f"{OWN} OR holder_id = {ACTING} OR {NOW_EMPOWERED}")
    _protect_trail()
    _admit_tenants()


def _make_people() -> None:
    op.create_table(
        "organisations",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("regions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "powers_of_attorney",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("mark_ids", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "agent_id", name=op.f("pk_powers_of_attorney")),
    )
    op.create_index(op.f("ix_powers_of_attorney_agent_id"), "powers_of_attorney", ["agent_id"])
    op.add_column("accounts", sa.Column("roles", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("accounts", sa.Column("active", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "identities",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "account_id"],
            ["accounts.organisation_id", "accounts.account_id"],
            name=op.f("fk_identities_organisation_id_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "account_id", name=op.f("pk_identities")),
        sa.UniqueConstraint("identity", name=op.f("uq_identities_identity")),
    )
    op.drop_table("sessions")
    op.create_table(
        "sessions",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "account_id"],
            ["accounts.organisation_id", "accounts.account_id"],
            name=op.f("fk_sessions_organisation_id_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "token_hash", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "name_key", name=op.f("pk_sign_in_attempts")),
    )
    op.create_table(
        "machine_keys",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "key_id", name=op.f("pk_machine_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_machine_keys_key_hash")),
    )


def _make_trail() -> None:
    op.create_table(
        "audit_trail",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_audit_trail")),
    )
    op.create_index(
        op.f("ix_audit_trail_organisation_id_act_number"), "audit_trail", ["organisation_id", "act", "number"]
    )


def _make_referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("referred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "referral_id", name=op.f("pk_referrals")),
        sa.UniqueConstraint(
            "organisation_id",
            "lead_id",
            "holder_id",
            "revision",
            name=op.f("uq_referrals_organisation_id_lead_id_holder_id_revision"),
        ),
    )
    op.create_index(op.f("ix_referrals_holder_id_referred_at"), "referrals", ["holder_id", "referred_at"])


def _settle_what_exists() -> None:
    """Every organisation that has anything becomes a supervision unit of its own name; `local` is always there."""
    op.execute(
        "INSERT INTO organisations (organisation_id, kind, name, regions) "
        "SELECT organisation_id, 'supervision', organisation_id, '[]' FROM ("
        "SELECT 'local' AS organisation_id UNION SELECT organisation_id FROM accounts "
        "UNION SELECT organisation_id FROM registry_versions UNION SELECT organisation_id FROM subjects) AS known"
    )
    op.execute("UPDATE accounts SET roles = 'officer administrator'")


def _protect_trail() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_trail_refuses_{change.lower()} BEFORE {change} ON audit_trail "
                f"BEGIN SELECT RAISE(ABORT, '{ONLY_GROWS}'); END"
            )
        return
    for statement in (
        "ALTER TABLE audit_trail ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit_trail FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY seen ON audit_trail FOR SELECT USING ({OWN})",
        f"CREATE POLICY added ON audit_trail FOR INSERT WITH CHECK ({OWN})",
        "CREATE FUNCTION audit_trail_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{ONLY_GROWS}'; END $$",
        "CREATE TRIGGER audit_trail_refuses_changes BEFORE UPDATE OR DELETE ON audit_trail "
        "FOR EACH ROW EXECUTE FUNCTION audit_trail_only_grows()",
    ):
        op.execute(statement)


def _admit_tenants() -> None:
    """The role that a login steps down to when walls would not hold it: only a superuser needs it and may make it."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(
        f"""
        DO $$
        BEGIN
            IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
                RETURN;
            END IF;
            BEGIN
                CREATE ROLE {TENANT_ROLE} NOLOGIN NOBYPASSRLS;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database of this server made it
            END;
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO {TENANT_ROLE}', current_schema());
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO {TENANT_ROLE}',
                           current_schema());
            EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I '
                           'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {TENANT_ROLE}', current_schema());
            REVOKE UPDATE, DELETE ON audit_trail FROM {TENANT_ROLE};
            REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {TENANT_ROLE};
        END $$
        """
    )
