"""Bringing a database to this version's tables. The revisions themselves lie in `models/storage/migrations`."""

from functools import cache, partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from models.errors import TransientFault
from models.storage.engine import database_file, migrating, open_engine
from models.storage.live import alone, beside_traffic, patiently, wait_briefly
from models.storage.queue.rebuilding import rebuild
from models.storage.settings import StoreSettings

# The revision that brought what follows from leads; revisions sort by their time.
QUEUE_SINCE = "20261125_1340"
# From this revision on a PostgreSQL database is brought up while others work with it; older ones while nobody does.
LIVE_SINCE = "20261125_1700"


def migrate(settings: StoreSettings) -> None:
    """Create or upgrade the tables, safe while other processes do the same. An SQLite file's folder is created; there,
    and in an empty database, it is all or nothing. A PostgreSQL database that others work with is brought up revision
    by revision, each of them whole. A database of a later version is left as it is. Raises `TransientFault` when the
    database is away or its locks are not to be had, `ConfigurationError` for a wrong address."""
    file = database_file(settings)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings)
    try:
        if file is not None:
            with migrating(engine) as connection:
                if not _ahead(revision_of(connection)):
                    _upgrade(connection, "head")
        else:
            with alone(engine, settings):
                _upgrade_server(engine, settings)
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """Where the database stands."""
    found: str | None = MigrationContext.configure(connection).get_current_revision()
    return found


def _upgrade_server(engine: Engine, settings: StoreSettings) -> None:
    with migrating(engine) as connection:
        stands = revision_of(connection)
    if _ahead(stands):
        return
    if stands is None or stands < LIVE_SINCE:
        patiently(lambda: _in_one(engine, settings, "head"), settings)
        return
    for script in reversed(list(ScriptDirectory.from_config(alembic_config()).iterate_revisions("head", stands))):
        beside = getattr(script.module, "BESIDE_TRAFFIC", False)
        step = partial(_beside, engine) if beside else partial(_in_one, engine, settings)
        patiently(partial(step, script.revision), settings)


def _beside(engine: Engine, revision: str) -> None:
    with beside_traffic(engine) as connection:
        _upgrade(connection, revision)


def _in_one(engine: Engine, settings: StoreSettings, revision: str) -> None:
    with migrating(engine) as connection:
        wait_briefly(connection, settings)
        _upgrade(connection, revision)


def _upgrade(connection: Connection, revision: str) -> None:
    before = revision_of(connection)
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if before is not None and before < QUEUE_SINCE:
        rebuild(connection)


def _ahead(revision: str | None) -> bool:
    """Whether the database was brought on by a later version; revisions sort by their time."""
    head = head_revision()
    return revision is not None and head is not None and revision not in revisions() and revision > head


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
    """Raises `TransientFault` unless the database stands at this version's revision or at a later version's: revisions
    only add, so that the version before goes on while an upgrade is under way."""
    found = revision_of(connection)
    if found != head_revision() and not _ahead(found):
        raise TransientFault(
            f"the database stands at revision {found or 'none'}, this version needs {head_revision()}",
            mend="migrate the database, or start the version that belongs to it",
        )
