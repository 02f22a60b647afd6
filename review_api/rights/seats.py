"""Seats: at which unit's registry a caller keeps whose marks.

The one door through which a holder or an agent reaches a unit's registry: everything behind it goes through a `Seat`,
which knows the holder's name and, for an agent, the marks of its power of attorney.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from models.errors import NotFoundError
from models.organisations import OrganisationKind
from models.ports import Store
from models.registry import Mark, Registry
from models.rights import Place, RowsBefore, rows_of
from review_api.desk import Desk
from review_api.registries import Registries
from review_api.sessions import Visitor


@dataclass(frozen=True)
class Seat:
    """A place, and how far the caller may go in it. `store` acts for the unit; `only` are the marks that an agent's
    power is limited to, None where it is not."""

    place: Place
    store: Store
    registries: Registries
    only: frozenset[str] | None = None

    @property
    def unit_id(self) -> str:
        return self.place.unit_id

    def registry(self) -> Registry:
        """The unit's registry as it stands. What is not the holder's never leaves this package."""
        return self.registries.current(self.store.registry, self.unit_id)

    def owns(self, mark: Mark | None) -> bool:
        """Whether the mark is the holder's and within the caller's power."""
        return mark is not None and self.place.holds(mark) and self.reaches(mark.mark_id)

    def reaches(self, mark_id: str) -> bool:
        return self.only is None or mark_id in self.only

    def marks(self) -> tuple[Mark, ...]:
        """The holder's marks that the caller may see, by number."""
        return tuple(sorted((m for m in self.registry().marks if self.owns(m)), key=lambda mark: mark.mark_id))

    def rows(self, mark_id: str) -> RowsBefore:
        """Raises `NotFoundError` for a mark that is not the holder's, or beyond the power."""
        rows = rows_of(self.registry(), mark_id)
        if not self.owns(rows.mark):
            raise NotFoundError("没有这件商标 / no such mark", where=mark_id)
        return rows


def seats(at_desk: Desk, caller: Visitor) -> tuple[Seat, ...]:
    """Every seat of the caller, by unit and holder."""
    found: list[Seat] = []
    for holder_id, only in _holders(at_desk, caller):
        for place in at_desk.store.rights.places(holder_id):
            found.append(Seat(place, at_desk.store.acting_for(place.unit_id), at_desk.registries, only))
    return tuple(sorted(found, key=lambda each: (each.place.unit_id, each.place.holder_id)))


def seat_at(at_desk: Desk, caller: Visitor, place_id: str = "") -> Seat:
    """The seat of that name; the first one where none is named. Raises `NotFoundError`."""
    for seat in seats(at_desk, caller):
        if place_id in ("", seat.place.place_id):
            return seat
    raise NotFoundError(
        "监管单位尚未为贵方开通商标登记 / no unit has given you a place in its registry",
        where=place_id,
        mend="请联系监管单位 / ask the supervision unit",
    )


def seat_with(at_desk: Desk, caller: Visitor, mark_id: str, place_id: str = "") -> Seat:
    """The first seat that has this mark, or the named one. Raises `NotFoundError`."""
    for seat in seats(at_desk, caller):
        if place_id in ("", seat.place.place_id) and seat.owns(seat.registry().mark_by_id.get(mark_id)):
            return seat
    raise NotFoundError("没有这件商标 / no such mark", where=mark_id)


def _holders(at_desk: Desk, caller: Visitor) -> Iterable[tuple[str, frozenset[str] | None]]:
    if caller.organisation.kind is not OrganisationKind.AGENT:
        yield caller.organisation_id, None
        return
    for power in at_desk.store.organisations.powers_of(caller.organisation_id, at=at_desk.clock()):
        yield power.holder_id, frozenset(power.mark_ids) or None
