"""Walls (row-level security): on PostgreSQL a transaction sees the rows of the organisation it acts for and no others,
whatever its statements ask for. The second wall behind the organisation that every statement names itself.

An engine is bound to an organisation with `bound`; every transaction of it is held there. One that is not bound acts
for the whole installation: workers, commands, and signing in, which happens before the organisation is known. SQLite
has no such walls. A login that would pass through them (a superuser) steps down to a role that does not.
"""

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry

OPTION = "jianzhen_organisation"
SETTING = "jianzhen.organisation"
EVERY = "*"
TENANT_ROLE = "jianzhen_tenant"
PASSES_THROUGH = "passes_through_walls"

ACTING = f"(SELECT current_setting('{SETTING}', true))"
OWN = f"organisation_id = {ACTING} OR {ACTING} = '{EVERY}'"

_STEP_DOWN = text(f"SELECT set_config('role', '{TENANT_ROLE}', true), set_config('{SETTING}', :organisation, true)")
_ENTER = text(f"SELECT set_config('{SETTING}', :organisation, true)")


def bound(engine: Engine, organisation_id: str) -> Engine:
    """The same engine, its pool included, held to one organisation; `EVERY` for all of them."""
    return engine.execution_options(**{OPTION: organisation_id})


def enter(connection: Connection) -> None:
    """Hold the transaction that has just begun to the organisation of its engine."""
    if connection.dialect.name == "postgresql":
        organisation = connection.get_execution_options().get(OPTION, EVERY)
        statement = _STEP_DOWN if connection.info[PASSES_THROUGH] else _ENTER
        connection.execute(statement, {"organisation": organisation})


def enter_as_owner(connection: Connection) -> None:
    """For migrations: every row, and the right to change tables."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ENTER, {"organisation": EVERY})


def stay_as_owner(connection: Connection) -> None:
    """As `enter_as_owner`, for a connection without transactions: it stays so until it is closed."""
    connection.execute(text(f"SELECT set_config('{SETTING}', :organisation, false)"), {"organisation": EVERY})


def watch(engine: Engine) -> None:
    """Have every new PostgreSQL connection told whether its login would pass through walls."""

    @event.listens_for(engine, "connect")
    def ask(connection: object, entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
        entry.info[PASSES_THROUGH] = bool(cursor.fetchone()[0])
        cursor.close()
        connection.rollback()  # type: ignore[attr-defined]


def raise_wall(connection: Connection, table: str, *, reads: str = OWN) -> None:
    """For migrations: give a table its wall. Rows that satisfy `reads` are seen, an organisation's own are written.
    Nothing happens on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    for statement in (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY seen ON {table} FOR SELECT USING ({reads})",
        f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({OWN})",
        f"CREATE POLICY changed ON {table} FOR UPDATE USING ({OWN})",
        f"CREATE POLICY removed ON {table} FOR DELETE USING ({OWN})",
    ):
        connection.exec_driver_sql(statement)
