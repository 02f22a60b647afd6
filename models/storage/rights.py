"""Places of rights holders in units' registries, and the files that were previewed."""

from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from models.errors import ConflictError, NotFoundError
from models.rights import Place, RegistryUpload
from models.storage.engine import insert_into, reading, writing
from models.storage.rights_tables import registry_places, registry_uploads


class SqlRightsStore:
    """Implements `models.rights.RightsStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def give_place(self, place: Place) -> None:
        """See the port."""
        table = registry_places
        row = {
            "organisation_id": place.unit_id,
            "holder_id": place.holder_id,
            "given_at": place.given_at,
            "body": place.model_dump_json(),
        }
        with writing(self._engine) as connection:
            statement = insert_into(connection, table).values(row)
            changed = {name: statement.excluded[name] for name in ("given_at", "body")}
            keys = [table.c.organisation_id, table.c.holder_id]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))

    def places(self, holder_id: str) -> tuple[Place, ...]:
        """See the port."""
        table = registry_places
        query = select(table.c.body).where(table.c.holder_id == holder_id).order_by(table.c.organisation_id)
        with reading(self._engine) as connection:
            return tuple(map(Place.model_validate_json, connection.execute(query).scalars()))

    def places_of_unit(self, unit_id: str) -> tuple[Place, ...]:
        """See the port."""
        table = registry_places
        query = select(table.c.body).where(table.c.organisation_id == unit_id).order_by(table.c.holder_id)
        with reading(self._engine) as connection:
            return tuple(map(Place.model_validate_json, connection.execute(query).scalars()))

    def keep_upload(self, upload: RegistryUpload) -> None:
        """See the port."""
        row = upload.model_dump(include={"organisation_id", "upload_id", "at"})
        with writing(self._engine) as connection:
            connection.execute(insert(registry_uploads).values(**row, body=upload.model_dump_json()))

    def upload(self, organisation_id: str, upload_id: str) -> RegistryUpload:
        """See the port."""
        table = registry_uploads
        query = select(table.c.body).where(table.c.organisation_id == organisation_id, table.c.upload_id == upload_id)
        with reading(self._engine) as connection:
            body = connection.execute(query).scalar_one_or_none()
        if body is None:
            raise NotFoundError("no such upload", where=upload_id, mend="upload the file again")
        return RegistryUpload.model_validate_json(body)

    def take_upload(self, organisation_id: str, upload_id: str, *, at: datetime) -> None:
        """See the port."""
        table = registry_uploads
        named = (table.c.organisation_id == organisation_id, table.c.upload_id == upload_id)
        with writing(self._engine) as connection:
            taken = connection.execute(update(table).where(*named, table.c.taken_at.is_(None)).values(taken_at=at))
            if not taken.rowcount:
                raise ConflictError(
                    "这个预览已经确认过 / this preview was confirmed before",
                    where=upload_id,
                    mend="upload the file again",
                )
