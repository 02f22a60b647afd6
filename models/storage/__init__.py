"""The database: tables, migrations and the stores on SQLAlchemy; and the object store."""

from models.storage.migration import migrate
from models.storage.objects import BucketObjects, FileObjects, open_objects
from models.storage.settings import ArchiveSettings, ObjectSettings, StoreSettings
from models.storage.store import SqlStore, open_store

__all__ = [
    "ArchiveSettings",
    "BucketObjects",
    "FileObjects",
    "ObjectSettings",
    "SqlStore",
    "StoreSettings",
    "migrate",
    "open_objects",
    "open_store",
]
