"""The rights-holder registry: its version, marks with their goods and sellers, and change sets."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from models.errors import ConflictError, InputError, NotFoundError
from models.pictures import ReferencePicture
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry
from models.values import Value
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import IfMatch, StorableText
from review_api.problems import answers
from review_api.sessions import Visitor

router = APIRouter(prefix="/api/v1/registry", tags=["registry"])

MOST_ROWS = 20_000

MarkId = Annotated[StorableText, Path(min_length=1, max_length=128)]
Marks = Annotated[tuple[Mark, ...], Field(max_length=MOST_ROWS)]
GoodsRows = Annotated[tuple[ReferenceGoods, ...], Field(max_length=MOST_ROWS)]
AuthorisedRows = Annotated[tuple[AuthorisedSeller, ...], Field(max_length=MOST_ROWS)]
Ids = Annotated[tuple[StorableText, ...], Field(max_length=MOST_ROWS)]


class RegistrySummary(Value):
    """The current state in figures."""

    version: str = Field(description="Names the state; send it as If-Match with a change")
    marks: int
    goods: int
    authorised: int


class MarkList(Value):
    """A page of marks in the order of their ids."""

    marks: tuple[Mark, ...]
    next_cursor: str = Field(description="Send it as `after` for the next page; empty on the last one")
    total: int


class MarkDetail(Value):
    """A mark with all that is registered under it."""

    mark: Mark
    goods: tuple[ReferenceGoods, ...]
    authorised: tuple[AuthorisedSeller, ...]
    pictures: tuple[ReferencePicture, ...] = Field(description="Official pictures that were read")


class RegistryRows(Value):
    """A whole registry."""

    marks: Marks = ()
    goods: GoodsRows = ()
    authorised: AuthorisedRows = ()


class ChangeSet(Value):
    """What changes: rows to put in or replace (by id), and ids to take out. Taking out a mark takes its goods and
    sellers with it; `authorised` replaces the sellers of every mark that it names."""

    marks: Marks = ()
    goods: GoodsRows = ()
    authorised: AuthorisedRows = ()
    removed_marks: Ids = ()
    removed_goods: Ids = ()


@router.get("", summary="The current version", responses=answers())
def summary(response: Response, at_desk: AtDesk, caller: SignedIn) -> RegistrySummary:
    """The version and how much it holds. The ETag is the version."""
    return _summary(_current(at_desk, caller), response)


@router.get("/marks", summary="Marks", responses=answers())
def marks(
    at_desk: AtDesk,
    caller: SignedIn,
    text: Annotated[StorableText, Query(max_length=128, description="Looked for in text, id, holder, aliases")] = "",
    after: Annotated[StorableText, Query(max_length=128, description="The cursor of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> MarkList:
    """Marks of the current version in the order of their ids."""
    return find_marks(_current(at_desk, caller), text=text, after=after, limit=limit)


@router.get("/marks/{mark_id:path}", summary="One mark", responses=answers(HTTPStatus.NOT_FOUND))
def one(mark_id: MarkId, at_desk: AtDesk, caller: SignedIn) -> MarkDetail:
    """The mark, its goods with reference prices, its authorised sellers and licensees, its official pictures."""
    return mark_detail(at_desk, caller, mark_id)


@router.get("/goods", summary="Reference goods", responses=answers())
def goods(
    at_desk: AtDesk,
    caller: SignedIn,
    mark_id: Annotated[StorableText, Query(min_length=1, max_length=128)],
) -> tuple[ReferenceGoods, ...]:
    """The holder's goods registered under a mark."""
    return _current(at_desk, caller).goods_by_mark.get(mark_id, ())


@router.put("", summary="Replace the registry", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT))
def replace(
    rows: RegistryRows, response: Response, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None
) -> RegistrySummary:
    """Make the registry hold exactly these rows: one change set, one new version. The same rows change nothing."""
    made = Registry(marks=rows.marks, goods=rows.goods, authorised=rows.authorised)
    return _summary(_commit(at_desk, caller, if_match, lambda _: made), response)


@router.patch("", summary="Commit a change set", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT))
def change(
    changes: ChangeSet, response: Response, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None
) -> RegistrySummary:
    """Put in, replace and take out rows in one step. Official pictures are read when the registry is next indexed."""
    return _summary(_commit(at_desk, caller, if_match, lambda registry: changed(registry, changes)), response)


def find_marks(registry: Registry, *, text: str, after: str, limit: int) -> MarkList:
    """Marks whose text, id, holder or alias holds `text`, without regard to case, from `after` on."""
    wanted = text.strip().casefold()
    matching = [mark for mark in registry.marks if not wanted or wanted in _searched(mark)]
    matching.sort(key=lambda mark: mark.mark_id)
    rest = [mark for mark in matching if mark.mark_id > after]
    page = tuple(rest[:limit])
    return MarkList(marks=page, next_cursor=page[-1].mark_id if len(rest) > limit else "", total=len(matching))


def mark_detail(at_desk: Desk, caller: Visitor, mark_id: str) -> MarkDetail:
    """Raises `NotFoundError`."""
    registry = _current(at_desk, caller)
    mark = registry.mark_by_id.get(mark_id)
    if mark is None:
        raise NotFoundError("no such mark", where=mark_id)
    return MarkDetail(
        mark=mark,
        goods=registry.goods_by_mark.get(mark_id, ()),
        authorised=registry.authorised_by_mark.get(mark_id, ()),
        pictures=at_desk.registries.official_pictures(at_desk.store.registry, caller.organisation_id, [mark_id]),
    )


def changed(registry: Registry, changes: ChangeSet) -> Registry:
    """The registry after a change set. Raises `InputError` for an id that is to be removed and is not there."""
    marks = {mark.mark_id: mark for mark in registry.marks}
    goods = {row.goods_id: row for row in registry.goods}
    for kind, removed, rows in (("mark", changes.removed_marks, marks), ("goods", changes.removed_goods, goods)):
        unknown = [row_id for row_id in removed if row_id not in rows]
        if unknown:
            raise InputError(f"no such {kind} to take out", where=unknown[0], mend="load the registry again")
    gone = set(changes.removed_marks)
    replaced = gone | {row.mark_id for row in changes.authorised}
    marks = {key: mark for key, mark in marks.items() if key not in gone}
    goods = {key: row for key, row in goods.items() if row.mark_id not in gone and key not in changes.removed_goods}
    return Registry(
        marks=tuple((marks | {mark.mark_id: mark for mark in changes.marks}).values()),
        goods=tuple((goods | {row.goods_id: row for row in changes.goods}).values()),
        authorised=tuple(row for row in registry.authorised if row.mark_id not in replaced) + changes.authorised,
    )


def _commit(at_desk: Desk, caller: Visitor, if_match: str | None, make: Callable[[Registry], Registry]) -> Registry:
    store, organisation_id = at_desk.store.registry, caller.organisation_id
    if if_match is None:
        raise InputError("the version that was read is missing", where="If-Match", mend="send the registry's ETag")
    with at_desk.registries.writing:
        current = store.current(organisation_id)
        if if_match.strip() != "*" and if_match.strip().removeprefix("W/").strip('"') != current.version:
            raise ConflictError("the registry was changed by somebody else", mend="load it and make the change again")
        made = make(current)
        _check(made)
        store.commit(organisation_id, made, at=at_desk.clock())
        return store.current(organisation_id)


def _check(registry: Registry) -> None:
    """Raises `InputError` for a doubled id, and for goods or sellers of a mark that is not there."""
    _check_unique("mark_id", (mark.mark_id for mark in registry.marks))
    _check_unique("goods_id", (row.goods_id for row in registry.goods))
    named = [row.mark_id for row in registry.goods] + [row.mark_id for row in registry.authorised]
    for mark_id in named:
        if mark_id not in registry.mark_by_id:
            raise InputError("a row names a mark that is not registered", where=mark_id, mend="add the mark first")


def _check_unique(field: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for row_id in ids:
        if row_id in seen:
            raise InputError("an id occurs twice", where=f"{field} {row_id}")
        seen.add(row_id)


def _searched(mark: Mark) -> str:
    return "\n".join((mark.text, mark.mark_id, mark.holder, mark.registration_no, *mark.aliases)).casefold()


def _current(at_desk: Desk, caller: Visitor) -> Registry:
    return at_desk.registries.current(at_desk.store.registry, caller.organisation_id)


def _summary(registry: Registry, response: Response) -> RegistrySummary:
    response.headers["ETag"] = f'"{registry.version}"'
    return RegistrySummary(
        version=registry.version,
        marks=len(registry.marks),
        goods=len(registry.goods),
        authorised=len(registry.authorised),
    )
