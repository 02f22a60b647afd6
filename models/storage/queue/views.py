"""Saved views and capacities."""

from datetime import datetime

from sqlalchemy import Connection, Engine, func, or_, select

from models.errors import ConflictError, NotFoundError
from models.queue.views import USUAL_CAPACITY, Capacity, SavedView
from models.storage.engine import insert_into, reading, writing
from models.storage.queue_tables import capacities
from models.storage.queue_tables import saved_views as table
from models.storage.tables import decisions

MOST_OF_ONE = 100


class SqlViewStore:
    """Implements `models.queue.keeping.ViewStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, view: SavedView) -> SavedView:
        """See the port."""
        mine = (table.c.organisation_id == view.organisation_id, table.c.owner == view.owner)
        with writing(self._engine) as connection:
            own = [_view(body) for body in connection.execute(select(table.c.body).where(*mine)).scalars()]
            same = next((each for each in own if each.name == view.name), None)
            if same is None and sum(not each.removed for each in own) >= MOST_OF_ONE:
                raise ConflictError(f"{MOST_OF_ONE} views are kept already", where="name", mend="remove one first")
            kept = view.model_copy(update={"view_id": same.view_id}) if same else view
            _put(connection, kept)
        return kept

    def offered(self, organisation_id: str, owner: str) -> tuple[SavedView, ...]:
        """See the port."""
        query = select(table.c.body).where(
            table.c.organisation_id == organisation_id, or_(table.c.owner == owner, table.c.shared == 1)
        )
        with reading(self._engine) as connection:
            found = [_view(body) for body in connection.execute(query).scalars()]
        live = [view for view in found if not view.removed]
        return tuple(sorted(live, key=lambda view: (view.owner != owner, view.name, view.view_id)))

    def remove(self, organisation_id: str, view_id: str, *, owner: str, shared_too: bool = False) -> None:
        """See the port."""
        this = (table.c.organisation_id == organisation_id, table.c.view_id == view_id)
        with writing(self._engine) as connection:
            body = connection.execute(select(table.c.body).where(*this)).scalar_one_or_none()
            view = _view(body) if body else None
            if view is None or not (view.owner == owner or (shared_too and view.shared)):
                raise NotFoundError(f"no view {view_id!r}", mend="it may be another's")
            _put(connection, view.model_copy(update={"removed": True}))

    def capacity(self, organisation_id: str, account_id: str, name: str, *, since: datetime) -> Capacity:
        """See the port."""
        asked = select(capacities.c.leads).where(
            capacities.c.organisation_id == organisation_id, capacities.c.account_id == account_id
        )
        done = select(func.count(decisions.c.lead_id.distinct())).where(
            decisions.c.organisation_id == organisation_id,
            decisions.c.decided_by == name,
            decisions.c.decided_at >= since,
        )
        with reading(self._engine) as connection:
            leads = connection.execute(asked).scalar_one_or_none()
            return Capacity(leads=leads or USUAL_CAPACITY, done=connection.execute(done).scalar_one())

    def set_capacity(self, organisation_id: str, account_id: str, leads: int) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            statement = insert_into(connection, capacities).values(
                organisation_id=organisation_id, account_id=account_id, leads=leads
            )
            statement = statement.on_conflict_do_update(
                index_elements=[capacities.c.organisation_id, capacities.c.account_id],
                set_={"leads": statement.excluded.leads},
            )
            connection.execute(statement)


def _view(body: str) -> SavedView:
    return SavedView.model_validate_json(body)


def _put(connection: Connection, view: SavedView) -> None:
    row = {
        "organisation_id": view.organisation_id, "view_id": view.view_id, "owner": view.owner,
        "shared": int(view.shared), "body": view.model_dump_json(),
    }  # fmt: skip
    statement = insert_into(connection, table).values(**row)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.organisation_id, table.c.view_id],
        set_={name: statement.excluded[name] for name in ("shared", "body")},
    )
    connection.execute(statement)
