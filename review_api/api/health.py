"""Health: is the process alive, and can it do its work."""

from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from fastapi import APIRouter

from models.values import Value
from review_api.desk import AtDesk
from review_api.problems import answers

router = APIRouter(tags=["health"])


class Health(Value):
    """The service answers."""

    status: Literal["ok"] = "ok"
    version: str


@router.get("/healthz", summary="Is the process alive")
def live() -> Health:
    """Answers as long as the process serves requests; touches nothing else."""
    return Health(version=_version())


@router.get("/readyz", summary="Can it do its work", responses=answers(HTTPStatus.SERVICE_UNAVAILABLE))
def ready(at_desk: AtDesk) -> Health:
    """Asks the database, and says 503 while it is away or not migrated to this version."""
    at_desk.store.ping()
    return Health(version=_version())


def _version() -> str:
    try:
        return version("jianzhen")
    except PackageNotFoundError:
        return "unknown"
