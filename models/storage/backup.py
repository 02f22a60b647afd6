"""Backing a store up and restoring it: SQLite by its own backup, PostgreSQL by pg_dump and pg_restore.

A backup is one consistent moment, taken while others write. A restore goes into an empty place only. Owns nothing
beside the database; what else an installation has to keep is `jianzhen.backup`'s.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, func, inspect, select, text
from sqlalchemy.engine import URL, make_url

from models import durability
from models.errors import ConfigurationError, ConflictError, FileRejected, JianzhenError, NotInstalledError
from models.storage import walls
from models.storage.engine import database_file, migrating, open_engine
from models.storage.settings import StoreSettings

SQLITE_FILE, POSTGRES_FILE = "store.sqlite", "store.dump"
FETCHED = 5000


def back_up(settings: StoreSettings, folder: Path) -> Path:
    """Write the store's state of this moment into the folder; returns the file. Raises `NotInstalledError` where
    pg_dump is missing, `JianzhenError` when it fails."""
    source = database_file(settings)
    if source is not None:
        return copy_sqlite(source, folder / SQLITE_FILE)
    target = folder / POSTGRES_FILE
    _run("pg_dump", settings, ["--format=custom", "--no-owner", "--enable-row-security", f"--file={target}"])
    return target


def restore(settings: StoreSettings, folder: Path) -> None:
    """Bring the store in the folder to an empty place. Raises `ConflictError` where there is something already,
    `ConfigurationError` when the backup is of the other kind of database, `FileRejected` when it is damaged."""
    target = database_file(settings)
    kind = POSTGRES_FILE if target is None else SQLITE_FILE
    if not (folder / kind).exists():
        raise ConfigurationError(
            "备份的数据库类型与设置不同 / the backup is of another kind of database than the settings name",
            where="store.url",
            mend=f"备份里没有 {kind} / there is no {kind} in it",
        )
    if target is not None:
        _restore_sqlite(folder / kind, target)
        return
    _prepare_postgres(settings)
    _run("pg_restore", settings, ["--no-owner", "--exit-on-error", "--single-transaction", str(folder / kind)])


def check_empty(settings: StoreSettings) -> None:
    """Raises `ConflictError` unless nothing is there yet."""
    target = database_file(settings)
    if target is not None:
        if target.exists():
            raise _occupied(str(target))
        return
    engine = open_engine(settings)
    try:
        with migrating(engine) as connection:
            if inspect(connection).get_table_names():
                raise _occupied(engine.url.render_as_string(hide_password=True))
    finally:
        engine.dispose()


def contents(settings: StoreSettings) -> dict[str, tuple[int, str]]:
    """Every table's number of rows, and a sum of their SHA-256: equal in two stores that hold the same rows, whatever
    the order they lie in. Reads everything."""
    engine = open_engine(settings)
    try:
        with migrating(engine) as connection:
            metadata = MetaData()
            metadata.reflect(connection)
            return {name: _digest(connection, metadata, name) for name in sorted(metadata.tables)}
    finally:
        engine.dispose()


def gaps_in_audit(settings: StoreSettings) -> dict[str, int]:
    """The organisations whose audit trail has numbers missing, with how many: the trail begins at 1 without gaps."""
    engine = open_engine(settings)
    try:
        with migrating(engine) as connection:
            metadata = MetaData()
            metadata.reflect(connection, only=["audit_trail"])
            trail = metadata.tables["audit_trail"]
            counted = select(trail.c.organisation_id, func.count(), func.max(trail.c.number))
            rows = connection.execute(counted.group_by(trail.c.organisation_id))
            return {name: last - count for name, count, last in rows if last != count}
    finally:
        engine.dispose()


def revision(settings: StoreSettings) -> str:
    """The revision of tables that the store stands at; empty for none."""
    engine = open_engine(settings)
    try:
        with migrating(engine) as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    finally:
        engine.dispose()


def copy_sqlite(source: Path, target: Path) -> Path:
    """Copy an SQLite file of ours, in one step: it reads one snapshot, and nobody who writes waits for it."""
    if not source.exists():
        raise ConfigurationError("还没有数据库 / there is no database yet", where=str(source), mend="jianzhen prepare")
    try:
        with closing(sqlite3.connect(source, timeout=30)) as theirs, closing(sqlite3.connect(target)) as ours:
            theirs.backup(ours)
            ours.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise JianzhenError(f"无法备份 / cannot be backed up: {error}", where=str(source)) from error
    return target


def _restore_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            said = connection.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            said = str(error)
    if said != "ok":
        raise FileRejected(f"备份已损坏 / the backup is damaged: {said}", where=str(source))
    durability.bring(source, target)


def _prepare_postgres(settings: StoreSettings) -> None:
    """The role that superusers step down to belongs to the server, not to the database: a new server lacks it. A plain
    owner needs none."""
    engine = open_engine(settings)
    try:
        with migrating(engine) as connection:
            known = connection.execute(
                text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": walls.TENANT_ROLE}
            ).first()
            if known is None and connection.info[walls.PASSES_THROUGH]:
                connection.execute(text(f"CREATE ROLE {walls.TENANT_ROLE} NOLOGIN NOBYPASSRLS"))
    finally:
        engine.dispose()


def _run(program: str, settings: StoreSettings, arguments: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where no list of processes shows it."""
    found = shutil.which(program)
    url = make_url(settings.url)
    if found is None:
        raise NotInstalledError(
            f"未安装 {program} / {program} is not installed",
            mend="安装同版本的 PostgreSQL 客户端 / install PostgreSQL's client programs of its release",
        )
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    environment = {
        **os.environ,
        "PGPASSWORD": url.password or "",
        "PGOPTIONS": f"-c {walls.SETTING}={walls.EVERY}",
        "PGCONNECT_TIMEOUT": str(max(2, int(settings.busy_timeout_s))),
    }
    command = [found, f"--dbname={plain.render_as_string()}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error" in line.lower()), "")
        raise JianzhenError(
            f"{program} 失败 / failed: {said or done.stderr.strip()[:300]}", where=plain.render_as_string()
        )


def _digest(connection: Connection, metadata: MetaData, name: str) -> tuple[int, str]:
    columns = sorted(metadata.tables[name].columns, key=lambda column: column.name)
    count, summed = 0, 0
    for row in connection.execution_options(yield_per=FETCHED).execute(select(*columns)):
        count += 1
        said = repr([_plain(value) for value in row]).encode("utf-8", "backslashreplace")
        summed = (summed + int.from_bytes(hashlib.sha256(said).digest(), "big")) % 2**256
    return count, f"{summed:064x}"


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _occupied(where: str) -> ConflictError:
    return ConflictError(
        "那里已有数据，只能恢复到空的位置 / there is something already; a restore needs an empty place",
        where=re.sub(r"\s+", " ", where),
        mend="另设 data_dir 或 store.url / set another one",
    )
