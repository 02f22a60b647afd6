"""Claims on leads: one statement takes a lead or finds it taken, so that of many who ask at once one wins.

Whoever asks for any lead passes over those that somebody is just taking or deciding on: on PostgreSQL the rows are
locked with SKIP LOCKED, and who takes a named lead holds its row too, so that it is passed over. A row that was free
when it was chosen may have been taken by the time it was locked; the statement that takes decides.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, or_, select

from models.errors import ConflictError, InputError, NotFoundError
from models.ports import LeadQuery
from models.queue.claims import Claim
from models.queue.parties import WAITING
from models.storage.engine import insert_into, pages, reading, writing
from models.storage.narrowing import ordered
from models.storage.queue_tables import lead_claims as table
from models.storage.tables import leads

MOST_AT_ONCE = 50


class SqlClaimStore:
    """Implements `models.queue.keeping.ClaimStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, organisation_id: str, claim: Claim, *, revision: int | None = None) -> Claim:
        """See the port."""
        with writing(self._engine) as connection:
            require_lead(connection, organisation_id, claim.lead_id, revision, held=True)
            if not take(connection, claim):
                raise held(read(connection, organisation_id, [claim.lead_id])[claim.lead_id])
        return claim

    def claim_next(self, organisation_id: str, query: LeadQuery, claim: Claim, *, limit: int = 1) -> tuple[Claim, ...]:
        """See the port."""
        if not 1 <= limit <= MOST_AT_ONCE:
            raise InputError(f"1 to {MOST_AT_ONCE} leads are claimed at once, not {limit}", where="limit")
        if query.disposition is not None and query.disposition not in WAITING:
            raise InputError(f"leads that are {query.disposition} wait for nobody", where="disposition")
        free = replace(query, at=claim.claimed_at, unheld=True, held_by="", grouped=False, after="")
        with writing(self._engine) as connection:
            return take_next(connection, organisation_id, free, claim, limit=limit)

    def assign(self, organisation_id: str, claim: Claim, *, revision: int | None = None) -> Claim:
        """See the port."""
        with writing(self._engine) as connection:
            require_lead(connection, organisation_id, claim.lead_id, revision, held=True)
            put(connection, claim)
        return claim

    def release(self, organisation_id: str, lead_id: str, *, by: str, at: datetime, anyones: bool = False) -> None:
        """See the port."""
        this = (table.c.organisation_id == organisation_id, table.c.lead_id == lead_id, table.c.expires_at > at)
        with writing(self._engine) as connection:
            require_lead(connection, organisation_id, lead_id, None)
            mine = () if anyones else (table.c.holder == by,)
            if connection.execute(delete(table).where(*this, *mine)).rowcount == 0:
                standing = live(connection, organisation_id, [lead_id], at=at).get(lead_id)
                raise held(standing) if standing else ConflictError("nobody holds the lead", where=f"lead {lead_id}")

    def of_leads(self, organisation_id: str, lead_ids: Sequence[str], *, at: datetime) -> dict[str, Claim]:
        """See the port."""
        with reading(self._engine) as connection:
            return live(connection, organisation_id, lead_ids, at=at)


def take_next(
    connection: Connection,
    organisation_id: str,
    query: LeadQuery,
    claim: Claim,
    *,
    limit: int,
    skipping: bool = True,
) -> tuple[Claim, ...]:
    """Up to `limit` claims like this one on the first leads of the query that wait and nobody holds, in its order.
    `skipping` says whether leads that somebody is just at are passed over or waited for."""
    choosing = select(leads.c.lead_id)
    if query.disposition is None:
        choosing = choosing.where(leads.c.disposition.in_([each.value for each in WAITING]))
    choosing = ordered(organisation_id, query)(choosing)
    choosing = choosing.with_for_update(of=leads, skip_locked=skipping)
    taken: list[Claim] = []
    while len(taken) < limit:
        # Each round sees what was committed by then: a lead that the round before lost is not chosen again.
        chosen = connection.execute(choosing.limit(limit - len(taken))).scalars().all()
        if not chosen:
            break
        wanted = [claim.model_copy(update={"lead_id": lead_id}) for lead_id in chosen]
        taken += [each for each in wanted if take(connection, each, renewing=False)]
    return tuple(taken)


def take(connection: Connection, claim: Claim, *, renewing: bool = True) -> bool:
    """Take the lead unless another's claim is live, or with `renewing=False` anybody's; whether that went well."""
    statement = insert_into(connection, table).values(**_row(claim))
    over = table.c.expires_at <= claim.claimed_at
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.organisation_id, table.c.lead_id],
        set_={name: statement.excluded[name] for name in ("holder", "claimed_at", "expires_at", "assigned_by")},
        where=or_(over, table.c.holder == claim.holder) if renewing else over,
    )
    return connection.execute(statement.returning(table.c.holder)).one_or_none() is not None


def put(connection: Connection, claim: Claim) -> None:
    """Make this the claim on its lead, whatever was there."""
    statement = insert_into(connection, table).values(**_row(claim))
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.organisation_id, table.c.lead_id],
        set_={name: statement.excluded[name] for name in ("holder", "claimed_at", "expires_at", "assigned_by")},
    )
    connection.execute(statement)


def end(connection: Connection, organisation_id: str, lead_ids: Sequence[str], *, by: str, at: datetime) -> None:
    """A decision ends one's claims. Raises `ConflictError` while another's is live."""
    standing = read(connection, organisation_id, lead_ids)
    for claim in standing.values():
        if claim.live(at) and claim.holder != by:
            raise held(claim)
    for page in pages(sorted(standing)):
        connection.execute(delete(table).where(table.c.organisation_id == organisation_id, table.c.lead_id.in_(page)))


def drop(connection: Connection, organisation_id: str, lead_id: str) -> None:
    connection.execute(delete(table).where(table.c.organisation_id == organisation_id, table.c.lead_id == lead_id))


def live(connection: Connection, organisation_id: str, lead_ids: Sequence[str], *, at: datetime) -> dict[str, Claim]:
    """The claims on these leads that are live."""
    found = read(connection, organisation_id, lead_ids)
    return {lead_id: claim for lead_id, claim in found.items() if claim.live(at)}


def read(connection: Connection, organisation_id: str, lead_ids: Sequence[str]) -> dict[str, Claim]:
    """The claims on these leads, those that are over too."""
    query = select(table).where(table.c.organisation_id == organisation_id)
    rows = [row for page in pages(lead_ids) for row in connection.execute(query.where(table.c.lead_id.in_(page)))]
    return {row.lead_id: _claim(row) for row in rows}


def held(claim: Claim) -> ConflictError:
    """That somebody else has the lead."""
    return ConflictError(
        f"{claim.holder} has the lead until {claim.expires_at:%Y-%m-%d %H:%M} UTC",
        where=f"lead {claim.lead_id}",
        mend="take another, or ask for this one",
    )


def require_lead(
    connection: Connection, organisation_id: str, lead_id: str, revision: int | None, *, held: bool = False
) -> None:
    """Raises `NotFoundError`, and `ConflictError` when a revision is given that is not the lead's. With `held` its row
    is kept from whoever asks for any lead; others who name it share it."""
    query = select(leads.c.revision).where(leads.c.organisation_id == organisation_id, leads.c.lead_id == lead_id)
    if held:
        query = query.with_for_update(read=True, key_share=True)
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"no lead {lead_id!r}", mend="it may belong to another organisation")
    if revision is not None and revision != found:
        raise ConflictError(
            f"the lead is at revision {found}, not {revision}",
            where=f"lead {lead_id}",
            mend="load the lead again and decide on what it shows now",
        )


def _row(claim: Claim) -> dict[str, Any]:
    return claim.model_dump()


def _claim(row: Row[Any]) -> Claim:
    return Claim(**row._mapping)
