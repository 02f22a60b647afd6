"""Narrowing: a query of the queue as conditions on leads. Owns what each filter means in SQL."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select

from models.folding import fold
from models.moments import SHANGHAI
from models.ports import LeadQuery
from models.queue.campaigns import Campaign
from models.queue.places import reach_of
from models.storage import lead_cards, lead_traits, tables
from models.storage.paging import after_cursor, ordering
from models.storage.queue_tables import lead_claims

leads = tables.leads


def matching(statement: Select[Any], organisation_id: str, query: LeadQuery) -> Select[Any]:
    """The statement narrowed by every filter of the query."""
    statement = uncounted(statement, organisation_id, query)
    statement = statement.where(*lead_traits.having_traits(organisation_id, query))
    if query.mark_id:
        statement = statement.where(on_mark(organisation_id, query))
    if query.category:
        statement = statement.where(leads.c.category == query.category)
    if query.disposition:
        statement = statement.where(column("disposition", query) == query.disposition.value)
    return statement


def ordered(organisation_id: str, query: LeadQuery) -> lead_cards.Ordered:
    """What narrows a statement to the query, in its order from its cursor on, or with `from_start` to all of it."""

    def narrowed(statement: Select[Any], *, from_start: bool = False) -> Select[Any]:
        found = matching(statement, organisation_id, query)
        return found if from_start else after_cursor(found, query).order_by(*ordering(query))

    return narrowed


def uncounted(statement: Select[Any], organisation_id: str, query: LeadQuery) -> Select[Any]:
    """The statement narrowed by the filters that are not counted by."""
    statement = statement.where(column("organisation_id", query) == organisation_id)
    if query.group_id:
        statement = statement.where(leads.c.group_id == query.group_id)
    if query.party_key:
        statement = statement.where(leads.c.party_key == query.party_key)
    if query.minimum_score is not None:
        statement = statement.where(leads.c.score >= query.minimum_score)
    if query.seen_since is not None:
        statement = statement.where(leads.c.first_seen >= query.seen_since)
    if query.any_mark:
        on_any = lead_traits.having(organisation_id, lead_traits.MARKS, *query.any_mark)
        statement = statement.where(leads.c.marks_key.in_(on_any))
    if query.text.strip():
        statement = statement.where(leads.c.search_text.contains(fold(query.text.strip()), autoescape=True))
    if query.held_by or query.unheld:
        statement = statement.where(_held(organisation_id, query))
    return statement.where(*_of_campaign(organisation_id, query.campaign)) if query.campaign else statement


def plain(query: LeadQuery) -> bool:
    """Whether nothing but counted filters narrows the query."""
    asked = (query.group_id, query.party_key, query.any_mark, query.text.strip(), query.held_by, query.unheld)
    return not any(asked) and query.minimum_score is None and query.seen_since is None and query.campaign is None


def column(name: str, query: LeadQuery) -> ColumnElement[Any]:
    """A column of leads. Where words are looked for, every row is read anyway: the column stands in an expression then,
    so that SQLite reads the table in its own order instead of row by row along an index."""
    found: ColumnElement[Any] = leads.c[name]
    return func.coalesce(found, literal_column("''")) if query.text.strip() else found


def on_mark(organisation_id: str, query: LeadQuery) -> ColumnElement[bool]:
    return leads.c.marks_key.in_(lead_traits.having(organisation_id, lead_traits.MARKS, query.mark_id))


def _held(organisation_id: str, query: LeadQuery) -> ColumnElement[bool]:
    live = and_(
        lead_claims.c.organisation_id == organisation_id,
        lead_claims.c.lead_id == leads.c.lead_id,
        lead_claims.c.expires_at > (query.at or datetime.min.replace(tzinfo=UTC)),
    )
    if query.unheld:
        return ~exists().where(live)
    held = select(lead_claims.c.lead_id).where(
        lead_claims.c.organisation_id == organisation_id,
        lead_claims.c.holder == query.held_by,
        lead_claims.c.expires_at > (query.at or datetime.min.replace(tzinfo=UTC)),
    )
    return leads.c.lead_id.in_(held)


def _of_campaign(organisation_id: str, campaign: Campaign) -> list[ColumnElement[bool]]:
    starts = datetime.combine(campaign.starts_on, time(), SHANGHAI)
    ends = datetime.combine(campaign.ends_on, time(), SHANGHAI) + timedelta(days=1)
    found: list[ColumnElement[bool]] = [leads.c.first_seen >= starts, leads.c.first_seen < ends]
    if campaign.categories:
        found.append(leads.c.category.in_(campaign.categories))
    if campaign.mark_ids:
        named = lead_traits.having(organisation_id, lead_traits.MARKS, *campaign.mark_ids)
        found.append(leads.c.marks_key.in_(named))
    if campaign.regions:
        reaches = [reach_of(region) for region in campaign.regions]
        found.append(or_(*(leads.c.division.startswith(reach, autoescape=True) for reach in reaches)))
    if campaign.words:
        found.append(or_(*(leads.c.search_text.contains(fold(word), autoescape=True) for word in campaign.words)))
    return found
