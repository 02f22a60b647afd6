"""Organisations, the powers of attorney between them, and machine keys."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from models.errors import ConflictError, NotFoundError
from models.organisations import MachineKey, Organisation, OrganisationKind, PowerOfAttorney, holder_key
from models.storage import access_tables as tables
from models.storage import walls
from models.storage.engine import insert_into, reading, writing


class SqlOrganisationStore:
    """Implements `models.access.OrganisationStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, organisation: Organisation) -> None:
        """See the port."""
        table = tables.organisations
        row = organisation.model_dump() | {"regions": json.dumps(organisation.regions)}
        with writing(self._engine) as connection:
            held = connection.execute(
                select(table.c.kind).where(table.c.organisation_id == organisation.organisation_id)
            ).scalar_one_or_none()
            if held not in (None, organisation.kind):
                raise ConflictError(
                    f"the organisation is of kind {held} and stays so",
                    where=organisation.organisation_id,
                    mend="choose another id",
                )
            statement = insert_into(connection, table).values(row)
            values = {"name": statement.excluded.name, "regions": statement.excluded.regions}
            connection.execute(statement.on_conflict_do_update(index_elements=[table.c.organisation_id], set_=values))

    def get(self, organisation_id: str) -> Organisation:
        """See the port."""
        table = tables.organisations
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.organisation_id == organisation_id)).one_or_none()
        if row is None:
            raise NotFoundError(f"no organisation {organisation_id!r}", mend="add it with: jianzhen organisation add")
        return _organisation(row)

    def all(self) -> tuple[Organisation, ...]:
        """See the port."""
        table = tables.organisations
        with reading(self._engine) as connection:
            return tuple(map(_organisation, connection.execute(select(table).order_by(table.c.organisation_id))))

    def holders_named(self, names: Sequence[str]) -> tuple[Organisation, ...]:
        """See the port. A look beyond the caller's organisation: names that it holds in its registry already."""
        table = tables.organisations
        wanted = {holder_key(name) for name in names}
        if not wanted:
            return ()
        query = select(table).where(table.c.kind == OrganisationKind.RIGHTS_HOLDER.value)
        with reading(walls.bound(self._engine, walls.EVERY)) as connection:
            rows = connection.execute(query.order_by(table.c.organisation_id)).all()
        return tuple(_organisation(row) for row in rows if holder_key(row.name) in wanted)

    def platforms(self) -> tuple[Organisation, ...]:
        """See the port. A look beyond the caller's organisation: a platform is there to be written to."""
        table = tables.organisations
        query = select(table).where(table.c.kind == OrganisationKind.PLATFORM.value).order_by(table.c.organisation_id)
        with reading(walls.bound(self._engine, walls.EVERY)) as connection:
            return tuple(map(_organisation, connection.execute(query)))

    def empower(self, power: PowerOfAttorney) -> None:
        """See the port. Raises `NotFoundError` and `ConflictError` unless a holder empowers an agent."""
        for organisation_id, kind in (
            (power.holder_id, OrganisationKind.RIGHTS_HOLDER),
            (power.agent_id, OrganisationKind.AGENT),
        ):
            if self.get(organisation_id).kind is not kind:
                raise ConflictError(f"the organisation is not of kind {kind}", where=organisation_id)
        table = tables.powers_of_attorney
        row = {
            "organisation_id": power.holder_id,
            "agent_id": power.agent_id,
            "mark_ids": json.dumps(power.mark_ids, ensure_ascii=False),
            "valid_from": power.valid_from,
            "valid_to": power.valid_to,
        }
        with writing(self._engine) as connection:
            statement = insert_into(connection, table).values(row)
            changed = {name: statement.excluded[name] for name in ("mark_ids", "valid_from", "valid_to")}
            keys = [table.c.organisation_id, table.c.agent_id]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))

    def powers_of(self, agent_id: str, *, at: datetime) -> tuple[PowerOfAttorney, ...]:
        """See the port."""
        table = tables.powers_of_attorney
        query = (
            select(table)
            .where(table.c.agent_id == agent_id, table.c.valid_from <= at, table.c.valid_to > at)
            .order_by(table.c.organisation_id)
        )
        with reading(self._engine) as connection:
            return tuple(
                PowerOfAttorney(
                    holder_id=row.organisation_id,
                    agent_id=row.agent_id,
                    mark_ids=tuple(json.loads(row.mark_ids)),
                    valid_from=row.valid_from,
                    valid_to=row.valid_to,
                )
                for row in connection.execute(query)
            )


class SqlKeyStore:
    """Implements `models.access.KeyStore`. The body is the key as it was made; when it was revoked stands beside it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, key: MachineKey) -> None:
        """See the port."""
        columns = key.model_dump(include={"organisation_id", "key_id", "key_hash", "created_at", "revoked_at"})
        with writing(self._engine) as connection:
            connection.execute(insert(tables.machine_keys).values(**columns, body=key.model_dump_json()))

    def by_hash(self, key_hash: str) -> MachineKey | None:
        """See the port."""
        table = tables.machine_keys
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.key_hash == key_hash)).one_or_none()
        return _key(row) if row else None

    def all(self, organisation_id: str) -> tuple[MachineKey, ...]:
        """See the port."""
        table = tables.machine_keys
        query = select(table).where(table.c.organisation_id == organisation_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(table.c.created_at.desc(), table.c.key_id)).all()
        return tuple(map(_key, rows))

    def revoke(self, organisation_id: str, key_id: str, *, at: datetime) -> MachineKey:
        """See the port."""
        table = tables.machine_keys
        named = (table.c.organisation_id == organisation_id, table.c.key_id == key_id)
        with writing(self._engine) as connection:
            connection.execute(update(table).where(*named, table.c.revoked_at.is_(None)).values(revoked_at=at))
            row = connection.execute(select(table).where(*named)).one_or_none()
        if row is None:
            raise NotFoundError("no such key", where=key_id)
        return _key(row)


def _organisation(row: Row[Any]) -> Organisation:
    return Organisation(
        organisation_id=row.organisation_id, kind=row.kind, name=row.name, regions=tuple(json.loads(row.regions))
    )


def _key(row: Row[Any]) -> MachineKey:
    return MachineKey.model_validate_json(row.body).model_copy(update={"revoked_at": row.revoked_at})
