"""Standings: where each case lead stands, claimed by its revision; and the list of them, page by page.

A page begins where the one before ended, by comparing whole keys: both engines find that place in the index. The same
condition written with OR is right too, and reads everything in front of it.
"""

from sqlalchemy import ColumnElement, Connection, func, insert, literal, select, tuple_, union_all, update

from models.case_leads import CaseEvent, CaseStanding, CaseState
from models.case_leads.keeping import CASES_COUNTED_TO, CasePage, CaseQuery
from models.errors import ConflictError, InputError, NotFoundError
from models.storage import journal
from models.storage.cursors import cursor_of, place_of
from models.storage.tables import case_standings as table

LONGEST_PAGE = 200


def add(connection: Connection, standing: CaseStanding) -> None:
    connection.execute(insert(table).values(**_row(standing)))


def read(connection: Connection, organisation_id: str, case_number: str) -> CaseStanding:
    """Raises `NotFoundError`."""
    query = select(table.c.body).where(table.c.organisation_id == organisation_id, table.c.case_number == case_number)
    body = connection.execute(query).scalar_one_or_none()
    if body is None:
        raise NotFoundError(f"no case lead {case_number!r}", mend="it may belong to another organisation")
    return CaseStanding.model_validate_json(body)


def seen(connection: Connection, organisation_id: str, case_number: str, revision: int) -> CaseStanding:
    """The standing, if it still has the revision that a person saw. Raises `NotFoundError`, `ConflictError`."""
    standing = read(connection, organisation_id, case_number)
    if standing.revision != revision:
        raise _changed(case_number)
    return standing


def change(connection: Connection, before: CaseStanding, after: CaseStanding, event: CaseEvent) -> CaseStanding:
    """Write the next standing and the act that led to it. Claimed by revision: of several who saw the same state, one
    succeeds and the others raise `ConflictError`."""
    claim = (
        update(table)
        .where(
            table.c.organisation_id == before.organisation_id,
            table.c.case_number == before.case_number,
            table.c.revision == before.revision,
        )
        .values(**_row(after))
    )
    if connection.execute(claim).rowcount == 0:
        raise _changed(before.case_number)
    tell(connection, event)
    return after


def tell(connection: Connection, event: CaseEvent) -> None:
    """Keep an act."""
    journal.append(connection, event.organisation_id, journal.CASE_EVENTS, event, about=event.case_number, at=event.at)


def page(connection: Connection, organisation_id: str, query: CaseQuery) -> CasePage:
    """See the port."""
    if not 1 <= query.limit <= LONGEST_PAGE:
        raise InputError(f"a page has 1 to {LONGEST_PAGE} case leads, not {query.limit}", where="limit")
    mine = table.c.organisation_id == organisation_id
    counts, more = _counted(connection, organisation_id)
    wanted: list[ColumnElement[bool]] = [mine]
    if query.state is not None:
        wanted.append(table.c.state == query.state.value)
    if query.after:
        at, number = place_of(query.after)
        wanted.append(tuple_(table.c.registered_at, table.c.case_number) < (at, number))
    ordered = (
        select(table.c.body)
        .where(*wanted)
        .order_by(table.c.registered_at.desc(), table.c.case_number.desc())
        .limit(query.limit + 1)
    )
    found = [CaseStanding.model_validate_json(body) for body in connection.execute(ordered).scalars()]
    shown = tuple(found[: query.limit])
    total = sum(counts.values()) if query.state is None else counts.get(query.state, 0)
    cursor = cursor_of(shown[-1].registered_at, shown[-1].case_number) if len(found) > query.limit else ""
    return CasePage(shown, cursor, total, counts, more)


def _counted(connection: Connection, organisation_id: str) -> tuple[dict[CaseState, int], frozenset[CaseState]]:
    """How many there are in each state, up to the bound: however many there are, so many entries of the index are read
    at most. And the states with more."""
    bounded = [
        select(literal(state.value).label("state"), func.count().label("count")).select_from(
            select(table.c.case_number)
            .where(table.c.organisation_id == organisation_id, table.c.state == state.value)
            .limit(CASES_COUNTED_TO + 1)
            .subquery()
        )
        for state in CaseState
    ]
    found = {CaseState(state): count for state, count in connection.execute(union_all(*bounded)) if count}
    more = frozenset(state for state, count in found.items() if count > CASES_COUNTED_TO)
    return {state: min(count, CASES_COUNTED_TO) for state, count in found.items()}, more


def _row(standing: CaseStanding) -> dict[str, object]:
    return {
        "organisation_id": standing.organisation_id,
        "case_number": standing.case_number,
        "state": standing.state.value,
        "revision": standing.revision,
        "registered_at": standing.registered_at,
        "body": standing.model_dump_json(),
    }


def _changed(case_number: str) -> ConflictError:
    return ConflictError(
        "the case lead was changed by somebody else",
        where=f"case lead {case_number}",
        mend="load it again and decide on what it says now",
    )
