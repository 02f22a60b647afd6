"""Health: is the process alive, and can it do its work."""

from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from fastapi import APIRouter

from models.errors import NotReady
from models.health import Check
from models.values import Value
from review_api.desk import AtDesk
from review_api.problems import answers

router = APIRouter(tags=["health"])


class Health(Value):
    """The service answers."""

    status: Literal["ok"] = "ok"
    version: str


class Ready(Health):
    """It can do its work; what was looked at, with facts for whoever watches."""

    checks: tuple[Check, ...]


@router.get("/healthz", summary="Is the process alive")
def live() -> Health:
    """Answers as long as the process serves requests; touches nothing else."""
    return Health(version=_version())


@router.get("/readyz", summary="Can it do its work", responses=answers(HTTPStatus.SERVICE_UNAVAILABLE))
def ready(at_desk: AtDesk) -> Ready:
    """Asks the database, the object store and the bus, tells the contexts in use and what waits in each partition, and
    says 503 with the reasons while one of them is away or not migrated to this version."""
    at_desk.store.ping()
    seen = at_desk.watchman.look()
    if not seen.ready:
        raise NotReady({check.name: check.why for check in seen.checks if check.needed and not check.ok})
    return Ready(version=_version(), checks=seen.checks)


def _version() -> str:
    try:
        return version("jianzhen")
    except PackageNotFoundError:
        return "unknown"
