"""Settings of the store and of the object store. Nothing here reads the environment: `jianzhen.settings` does."""

from typing import Annotated

from pydantic import Field, SecretStr

from models.values import Value


class StoreSettings(Value):
    """Which database, and how patient to be with it."""

    url: Annotated[
        str,
        Field(
            repr=False,
            description="SQLAlchemy address: `sqlite:///PATH` (a file) or `postgresql://USER:PASSWORD@HOST:PORT/NAME`",
        ),
    ] = "sqlite:///.jianzhen/jianzhen.sqlite"
    busy_timeout_s: Annotated[
        float, Field(gt=0, description="seconds to wait for a lock or a connection before the work is called transient")
    ] = 30.0
    lock_timeout_s: Annotated[
        float,
        Field(
            gt=0, le=60, description="seconds that a migration on PostgreSQL lets traffic wait before it steps aside"
        ),
    ] = 1.0
    migrate_patience_s: Annotated[
        float, Field(gt=0, description="seconds that a migration on PostgreSQL keeps trying for its locks")
    ] = 600.0
    pool_size: Annotated[int, Field(ge=1, le=100, description="connections that one process keeps open")] = 5


class ArchiveSettings(Value):
    """When subjects that led to nothing may leave the hot tables. Nothing goes but by `jianzhen archive run`."""

    after_days: Annotated[
        int, Field(ge=1, description="days since a subject was last screened, after which `archive run` archives it")
    ] = 365


class ObjectSettings(Value):
    """Where captures and pictures lie: a folder, or an S3-compatible bucket that exists already."""

    url: Annotated[str, Field(description="a folder's path, `file:///PATH`, or `s3://BUCKET/PREFIX`")] = (
        ".jianzhen/objects"
    )
    endpoint: Annotated[str, Field(description="address of an S3-compatible server; empty for AWS itself")] = ""
    region: Annotated[str, Field(description="S3 region")] = "us-east-1"
    access_key: Annotated[str, Field(description="S3 access key; empty takes the machine's own credentials")] = ""
    secret_key: Annotated[SecretStr, Field(description="S3 secret key")] = SecretStr("")
    timeout_s: Annotated[float, Field(gt=0, description="seconds before one request to S3 is given up")] = 20.0
