"""Bringing a database to this version's tables. The revisions themselves lie in `models/storage/migrations`."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from models.errors import TransientFault
from models.storage.engine import MIGRATION_LOCK, database_file, migrating, open_engine
from models.storage.queue.rebuilding import rebuild
from models.storage.settings import StoreSettings

# The revision that brought what follows from leads; revisions sort by their time.
QUEUE_SINCE = "20261125_1340"


def migrate(settings: StoreSettings) -> None:
    """Create or upgrade the tables: all of it or nothing, safe while other processes do the same. An SQLite file's
    folder is created. Raises `TransientFault` when the database is away, `ConfigurationError` for a wrong address."""
    file = database_file(settings)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings)
    try:
        with migrating(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            before = MigrationContext.configure(connection).get_current_revision()
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if before is not None and before < QUEUE_SINCE:
                rebuild(connection)
    finally:
        engine.dispose()


def alembic_config() -> Config:
    """Alembic's configuration, made here so that no file beside the package is needed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


@cache
def head_revision() -> str | None:
    """The revision that this version of the code works with."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def revisions() -> frozenset[str]:
    """Every revision that this version of the code knows how to bring up to its own."""
    return frozenset(each.revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def check_revision(connection: Connection) -> None:
    """Raises `TransientFault` unless the database stands at this version's revision."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found != head_revision():
        raise TransientFault(
            f"the database stands at revision {found or 'none'}, this version needs {head_revision()}",
            mend="migrate the database, or start the version that belongs to it",
        )
