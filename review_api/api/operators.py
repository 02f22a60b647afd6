"""Operators (经营主体): the queue by whom leads are on, and what public records say of one."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from models.ports import LeadQuery, LeadSummary
from models.queue.keeping import PartyQuery
from models.queue.parties import Party
from models.queue.places import Place
from models.registry import Operator, Penalty
from models.values import Value
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import StorableText
from review_api.problems import answers
from review_api.sessions import Visitor

router = APIRouter(prefix="/api/v1/operators", tags=["operators"])

PartyKey = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The operator's key", examples=["0" * 32])]
SHOWN_LEADS = 20


class OperatorList(Value):
    """A page of operators, best value first."""

    operators: tuple[Party, ...]
    next_cursor: str = Field(description="Send it as `after` for the next page; empty on the last one")
    total: int
    more: bool = Field(description="Whether there are more than were counted")


class Shop(Value):
    """A shop of an operator, and how many leads are on it."""

    platform: str
    name: str
    leads: int


class OperatorCard(Value):
    """An operator with its shops and leads; `registered` and `penalties` are what imported public records say of its
    credit code, and empty where they say nothing."""

    operator: Party
    shops: tuple[Shop, ...]
    leads: tuple[LeadSummary, ...]
    registered: Operator | None = None
    penalties: tuple[Penalty, ...] = ()


@router.get("", summary="The queue by operator", responses=answers())
def find(
    at_desk: AtDesk,
    caller: SignedIn,
    place: Place | None = None,
    text: Annotated[StorableText, Query(max_length=100, description="Looked for in names")] = "",
    waiting: Annotated[bool, Query(description="Only those with leads that are open or wait for more")] = True,
    after: Annotated[StorableText, Query(max_length=400, description="The cursor of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OperatorList:
    """Whom leads are on: a credit code is one operator on every platform, otherwise a shop is."""
    query = PartyQuery(place=place, text=text, waiting=waiting, after=after, limit=limit)
    page = at_desk.store.parties.find(caller.organisation_id, query)
    return OperatorList(operators=page.parties, next_cursor=page.next_cursor, total=page.total, more=page.more)


@router.get("/{party_key}", summary="One operator", responses=answers(HTTPStatus.NOT_FOUND))
def one(party_key: PartyKey, at_desk: AtDesk, caller: SignedIn) -> OperatorCard:
    """Its shops, its leads by value, and what public records say of it."""
    return card_of(at_desk, caller, at_desk.store.parties.get(caller.organisation_id, party_key))


def card_of(at_desk: Desk, caller: Visitor, party: Party, *, leads: bool = True) -> OperatorCard:
    """Everything known of the operator; its leads where they are asked for."""
    organisation_id = caller.organisation_id
    records = at_desk.publicity.of(at_desk.store.market, organisation_id) if party.uscc else None
    query = LeadQuery(party_key=party.party_key, order="value", limit=SHOWN_LEADS)
    return OperatorCard(
        operator=party,
        shops=tuple(
            Shop(platform=platform, name=name, leads=leads)
            for platform, name, leads in at_desk.store.parties.shops(organisation_id, party.party_key)
        ),
        leads=at_desk.store.leads.find(organisation_id, query).leads if leads else (),
        registered=records.operator_by_uscc.get(party.uscc) if records else None,
        penalties=records.penalties_by_uscc.get(party.uscc, ()) if records else (),
    )
