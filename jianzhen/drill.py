"""The drill: a backup is worth what its restore proves. Makes one, restores it to another place, and compares.

Owns the comparison and the figures. A table that others wrote to meanwhile may differ from both what it was before
and what it is after: that is told, and is no fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import MetaData, func, select

from jianzhen.backup import back_up, restore
from jianzhen.settings import Settings, embedded_settings
from models.errors import InputError, JianzhenError
from models.storage import StoreSettings, open_store
from models.storage.backup import contents, gaps_in_audit
from models.storage.engine import database_file, migrating, open_engine

Contents = Mapping[str, tuple[int, str]]


@dataclass
class Found:
    """What a drill came to. `faults` is empty when it passed; `changed` names tables that others wrote to meanwhile."""

    backup_s: float
    restore_s: float
    rpo_s: float
    files: int
    bytes: int
    leads: int
    case_leads: int
    audit_entries: int
    equal_tables: int
    changed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def drill(settings: Settings, folder: Path, into: str = "") -> Found:
    """Raises `ConflictError` where the folder or the database is not empty, and what `jianzhen.backup` raises."""
    if database_file(settings.store) is None and not into:
        raise InputError(
            "PostgreSQL 需要一个空数据库 / for PostgreSQL an empty database is needed",
            where="--into",
            mend="createdb 后给出其地址 / make one with createdb and give its address",
        )
    place = embedded_settings(folder / "restored")
    target = place.model_copy(update={"store": StoreSettings(url=into)}) if into else place
    before = contents(settings.store)
    begun = perf_counter()
    manifest = back_up(settings, folder / "backup")
    backup_s = perf_counter() - begun
    begun = perf_counter()
    restore(target, folder / "backup")
    case_leads, faults = _read_all(target)
    restore_s = perf_counter() - begun
    restored, after = contents(target.store), contents(settings.store)
    equal, changed, differing = compare(before, restored, after)
    missing = gaps_in_audit(target.store)
    faults += [f"audit trail of {name}: {count} numbers missing" for name, count in missing.items()]
    faults += [f"table {name} differs" for name in differing]
    return Found(
        backup_s=backup_s,
        restore_s=restore_s,
        rpo_s=_span(newest(settings.store), newest(target.store)),
        files=len(manifest.files),
        bytes=sum(each.bytes for each in manifest.files),
        leads=restored["leads"][0],
        case_leads=case_leads,
        audit_entries=restored["audit_trail"][0],
        equal_tables=equal,
        changed=changed,
        faults=faults,
    )


def compare(before: Contents, restored: Contents, after: Contents) -> tuple[int, list[str], list[str]]:
    """How many tables are equal, which changed while the backup was made, and which differ though nobody wrote."""
    equal, changed, differing = 0, [], []
    for name in sorted(before.keys() | restored.keys()):
        if restored.get(name) in (before.get(name), after.get(name)):
            equal += 1
        elif before.get(name) != after.get(name):
            changed.append(name)
        else:
            differing.append(name)
    return equal, changed, differing


def newest(settings: StoreSettings) -> datetime | None:
    """When the newest screening was stored."""
    engine = open_engine(settings)
    try:
        with migrating(engine) as connection:
            metadata = MetaData()
            metadata.reflect(connection, only=["screenings"])
            found: datetime | str | None = connection.execute(
                select(func.max(metadata.tables["screenings"].c.screened_at))
            ).scalar()
    finally:
        engine.dispose()
    return datetime.fromisoformat(found) if isinstance(found, str) else found


def _read_all(settings: Settings) -> tuple[int, list[str]]:
    """Open the restored store as this version would, and have every case lead prove its digest."""
    store, faults, count = open_store(settings.store), [], 0
    try:
        store.ping()
        for organisation in store.organisations.all():
            try:
                count += len(store.case_leads.all(organisation.organisation_id))
            except JianzhenError as error:
                faults.append(f"case leads of {organisation.organisation_id}: {error.what}")
    finally:
        store.close()
    return count, faults


def _span(live: datetime | None, restored: datetime | None) -> float:
    if live is None:
        return 0.0
    return (live - restored).total_seconds() if restored is not None else float("inf")
