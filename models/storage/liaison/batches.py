"""Batches: the sender's own rows, claimed by their revision, and withdrawing those of a case lead that is withdrawn."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.errors import ConflictError, InputError, NotFoundError
from models.liaison import Batch, BatchPage, BatchState, LiaisonAct, LiaisonEvent, withdrawn
from models.storage.liaison import letters
from models.storage.liaison_tables import liaison_batches as table

LONGEST_PAGE = 200


def add(connection: Connection, batch: Batch) -> None:
    """Raises `ConflictError` when the id is taken."""
    try:
        connection.execute(insert(table).values(**_row(batch)))
    except IntegrityError:
        raise ConflictError(f"batch {batch.batch_id} is there already", mend="try again") from None


def read(connection: Connection, organisation_id: str, batch_id: str) -> Batch:
    """Raises `NotFoundError`."""
    query = select(table.c.body).where(table.c.organisation_id == organisation_id, table.c.batch_id == batch_id)
    body = connection.execute(query).scalar_one_or_none()
    if body is None:
        raise NotFoundError(f"no batch {batch_id!r}", mend="it may belong to another organisation")
    return Batch.model_validate_json(body)


def page(
    connection: Connection, organisation_id: str, *, state: BatchState | None, after: str, limit: int
) -> BatchPage:
    """Newest first; `after` is the id of the last one seen."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise InputError(f"a page has 1 to {LONGEST_PAGE} batches, not {limit}", where="limit")
    mine = table.c.organisation_id == organisation_id
    counted = select(table.c.state, func.count()).where(mine).group_by(table.c.state)
    counts = {BatchState(name): count for name, count in connection.execute(counted)}
    query = select(table.c.body).where(mine)
    if state is not None:
        query = query.where(table.c.state == state.value)
    if after:
        seen = connection.execute(select(table.c.made_at).where(mine, table.c.batch_id == after)).scalar_one_or_none()
        if seen is None:
            raise InputError("the cursor does not belong to this list", where="after", mend="begin at the first page")
        earlier = (table.c.made_at < seen) | ((table.c.made_at == seen) & (table.c.batch_id > after))
        query = query.where(earlier)
    ordered = query.order_by(table.c.made_at.desc(), table.c.batch_id).limit(limit + 1)
    found = [Batch.model_validate_json(body) for body in connection.execute(ordered).scalars()]
    shown = tuple(found[:limit])
    return BatchPage(shown, counts, shown[-1].batch_id if len(found) > limit else "")


def change(connection: Connection, before: Batch, after: Batch) -> None:
    """Claimed by revision: of several who saw the same state one succeeds, the others raise `ConflictError`."""
    claim = (
        update(table)
        .where(
            table.c.organisation_id == before.organisation_id,
            table.c.batch_id == before.batch_id,
            table.c.revision == before.revision,
        )
        .values(**_row(after))
    )
    if connection.execute(claim).rowcount == 0:
        raise ConflictError(
            "the batch was changed by somebody else",
            where=f"batch {before.batch_id}",
            mend="load it again and decide on what it says now",
        )


def write(connection: Connection, batch: Batch, event: LiaisonEvent) -> None:
    """What was done with a batch."""
    body = batch.body
    letters.write(
        connection,
        event,
        sender_id=batch.organisation_id,
        receiver_id=body.receiver_id,
        holder_id=body.holder_id,
    )


def of_case(connection: Connection, organisation_id: str, case_number: str) -> tuple[Batch, ...]:
    """Oldest first."""
    query = select(table.c.body).where(table.c.organisation_id == organisation_id, table.c.case_number == case_number)
    rows = connection.execute(query.order_by(table.c.made_at, table.c.batch_id)).scalars()
    return tuple(map(Batch.model_validate_json, rows))


def receivers(connection: Connection, batch: Batch) -> tuple[str, ...]:
    """Everybody to whom something of it was sent or handed out."""
    return letters.receivers(connection, batch.organisation_id, batch.batch_id)


def take_back(connection: Connection, batch: Batch, *, reason: str, by: str, at: datetime) -> tuple[str, ...]:
    """Withdraw a sent batch; returns everybody who has to be told. Raises what `models.liaison.withdrawn` raises."""
    after = withdrawn(batch, reason=reason, at=at)
    told = receivers(connection, batch)
    change(connection, batch, after)
    event = LiaisonEvent(
        organisation_id=batch.organisation_id,
        batch_id=batch.batch_id,
        act=LiaisonAct.WITHDRAWN,
        by=by,
        at=at,
        reason=after.withdrawn_for,
        receivers=told,
    )
    write(connection, after, event)
    return told


def take_back_of_case(
    connection: Connection, organisation_id: str, case_number: str, *, reason: str, by: str, at: datetime
) -> tuple[str, ...]:
    """With a case lead its sent batches are withdrawn; returns everybody who has to be told of those."""
    told: list[str] = []
    for batch in of_case(connection, organisation_id, case_number):
        if batch.state is BatchState.SENT:
            told += take_back(connection, batch, reason=reason, by=by, at=at)
    return tuple(dict.fromkeys(told))


def _row(batch: Batch) -> dict[str, object]:
    return {
        "organisation_id": batch.organisation_id,
        "batch_id": batch.batch_id,
        "state": batch.state.value,
        "revision": batch.revision,
        "case_number": batch.body.case_number,
        "made_at": batch.made_at,
        "body": batch.model_dump_json(),
    }
