"""What a person keeps of the queue: saved views and the day's capacity; and the numbers of the order by worth."""

from http import HTTPStatus
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Path, Response
from pydantic import Field

from models.queue.views import MOST_CAPACITY, Capacity, SavedView
from models.queue.worth import Order, QueueRates, order
from models.values import Value
from review_api import turns
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import StorableText
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute
from review_api.sessions import Visitor

router = APIRouter(prefix="/api/v1", tags=["leads"], route_class=OnceRoute)

ViewId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The view's id", examples=["0" * 32])]


class ViewRequest(Value):
    """Filters under a name: the query of the queue's address, such as `mark=M-1&order=value`."""

    name: Annotated[StorableText, Field(min_length=1, max_length=60, pattern=r"\S")]
    filters: Annotated[StorableText, Field(max_length=2000)] = ""
    shared: bool = False


class CapacityRequest(Value):
    """How many leads one means to decide on a day."""

    leads: Annotated[int, Field(ge=1, le=MOST_CAPACITY)]


class OrderTold(Value):
    """The declared numbers of the order by worth, and the rates measured from what was decided."""

    order: Order
    rates: QueueRates


@router.get("/views", summary="Saved views", responses=answers())
def offered(at_desk: AtDesk, caller: SignedIn) -> tuple[SavedView, ...]:
    """One's own, then those that others of the organisation share."""
    return at_desk.store.views.offered(caller.organisation_id, caller.account.account_id)


@router.post(
    "/views",
    status_code=HTTPStatus.CREATED,
    summary="Save a view",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT),
    dependencies=KEYED,
)
def save(asked: ViewRequest, at_desk: AtDesk, caller: SignedIn) -> SavedView:
    """One's own view of the same name is replaced."""
    return save_view(at_desk, caller, asked)


@router.delete(
    "/views/{view_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Remove a view",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    dependencies=KEYED,
)
def remove(view_id: ViewId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """One's own; a supervisor removes shared ones too."""
    remove_view(at_desk, caller, view_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/capacity", summary="The day's capacity", responses=answers())
def capacity(at_desk: AtDesk, caller: SignedIn) -> Capacity:
    """How many leads the caller means to decide on a day, and how many were decided today (Shanghai)."""
    return turns.capacity(at_desk, caller)


@router.put("/capacity", summary="Set the day's capacity", responses=answers(HTTPStatus.FORBIDDEN), dependencies=KEYED)
def set_capacity(asked: CapacityRequest, at_desk: AtDesk, caller: SignedIn) -> Capacity:
    """For the caller alone."""
    at_desk.store.views.set_capacity(caller.organisation_id, caller.account.account_id, asked.leads)
    return turns.capacity(at_desk, caller)


@router.get("/queue-order", summary="The order by worth", responses=answers())
def told(at_desk: AtDesk, caller: SignedIn) -> OrderTold:
    """Everything that a lead's value is worked out from (docs/queue.md)."""
    return OrderTold(order=order(), rates=at_desk.store.order.rates(caller.organisation_id))


def save_view(at_desk: Desk, caller: Visitor, asked: ViewRequest) -> SavedView:
    """Keep it in the caller's name."""
    view = SavedView(
        organisation_id=caller.organisation_id,
        view_id=uuid4().hex,
        owner=caller.account.account_id,
        owner_name=caller.shown_name,
        name=asked.name.strip(),
        filters=asked.filters,
        shared=asked.shared,
        saved_at=at_desk.clock(),
    )
    return at_desk.store.views.save(view)


def remove_view(at_desk: Desk, caller: Visitor, view_id: str) -> None:
    at_desk.store.views.remove(
        caller.organisation_id, view_id, owner=caller.account.account_id, shared_too=turns.heads(caller)
    )
