"""parcels.jsonl / parcels.csv: reading `ParcelRecord`.

Owns: the contract's fields and the rule that no personal data enters: unknown columns are dropped unread, tokens that
look like a phone or an identity number refuse the row, phones, identity numbers and street addresses inside the
remaining texts are removed with a remark, and the rejects file shows shapes instead of content.
Leaves to others: making tokens (`jianzhen tokenise`, on the carrier's side), splitting files (`tables`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.formats import cells
from models.formats.listings import invalid
from models.formats.prices import read_count, read_price
from models.formats.reasons import RowFault
from models.formats.rejects import Rejects
from models.formats.tables import Row, read_rows
from models.identity import LOCAL
from models.subjects import ParcelRecord, RouteEvent

FIELDS = frozenset(ParcelRecord.model_fields) - {"organisation_id", "zone_assumed", "source"}
TEXTS = ("carrier", "outlet", "origin", "destination", "declared_goods", "declared_category", "order_ref", "listing_id")
TOKENS = ("parcel_token", "sender_token")
FLAGS = ("inspected_at_acceptance", "real_name_verified", "xray_screened")

MOBILE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[-\s]?\d{7,8}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\w)")
STREET = re.compile(
    r"[一-龥]{1,12}(?:路|街|道|巷|弄|胡同)\s{0,3}\d{1,5}\s{0,3}(?:号|弄|巷).*|\d{1,5}\s{0,3}(?:号楼|栋|幢|单元|室).*"
)
PERSONAL = (MOBILE, LANDLINE, IDENTITY, STREET)
REMOVED = "[已隐去]"


def read_parcels(
    path: Path, rejects: Rejects, *, organisation_id: str = LOCAL, intake_at: datetime | None = None, source: str = ""
) -> Iterator[ParcelRecord]:
    """Parcel records in file order, one at a time. From here on `rejects` writes no content. `intake_at` stands in for
    a missing `accepted_at` when given. Raises `FileRejected` before the first row."""
    rejects.mask()
    return _records(path, rejects, organisation_id, intake_at, source)


def _records(
    path: Path, rejects: Rejects, organisation_id: str, intake_at: datetime | None, source: str
) -> Iterator[ParcelRecord]:
    seen: dict[str, int] = {}
    for row in read_rows(path, rejects, required=("parcel_token", "carrier")):
        known = {name: value for name, value in row.values.items() if name in FIELDS}
        try:
            token = cells.required(known, "parcel_token")
            first = seen.setdefault(token, row.line)
            if first != row.line:
                raise RowFault("duplicate", field="parcel_token", value=token, first=first)
            reader = _ParcelReader(row, known, rejects, path.name)
            yield reader.record(organisation_id, intake_at, source)
        except RowFault as fault:
            rejects.fault(row.line, fault, file=path.name, fields=known)


class _ParcelReader:
    """Reads one row, of which only the contract's columns are given."""

    def __init__(self, row: Row, values: Mapping[str, Any], rejects: Rejects, file: str) -> None:
        self._line = row.line
        self._values = values
        self._rejects = rejects
        self._file = file
        self._zone_assumed = False

    def record(self, organisation_id: str, intake_at: datetime | None, source: str) -> ParcelRecord:
        values = self._values
        cells.required(values, "carrier")
        accepted_at = self._time(values, "accepted_at") or intake_at
        events = tuple(self._event(event) for event in _events(values.get("events")))
        flags = {name: cells.flag_of(values, name) for name in FLAGS}
        try:
            return ParcelRecord(
                organisation_id=organisation_id,
                accepted_at=accepted_at,
                declared_quantity=self._count("declared_quantity"),
                declared_value=self._amount("declared_value"),
                weight_g=self._count("weight_g"),
                sender_uscc=self._sender_uscc(),
                identity_exempt=bool(cells.flag_of(values, "identity_exempt")),
                events=events,
                zone_assumed=self._zone_assumed,
                source=source,
                **{name: self._token(name) for name in TOKENS},
                **{name: self._clean(name, cells.text_of(values, name)) for name in TEXTS},
                **flags,
            )
        except ValidationError as error:
            raise invalid(error) from None

    def _token(self, field: str) -> str:
        text = cells.text_of(self._values, field)
        if MOBILE.fullmatch(text) or LANDLINE.fullmatch(text) or IDENTITY.fullmatch(text):
            raise RowFault("token-not-made", field=field)
        return text

    def _clean(self, field: str, text: str) -> str:
        cleaned = text
        for pattern in PERSONAL:
            cleaned = pattern.sub(REMOVED, cleaned)
        if cleaned != text:
            self._rejects.notice(self._line, "personal-data-removed", field=field, file=self._file)
        return cleaned

    def _sender_uscc(self) -> str:
        """Legal persons only: what reads as an identity number is refused without being repeated."""
        text = cells.text_of(self._values, "sender_uscc")
        if IDENTITY.fullmatch(text):
            raise RowFault("token-not-made", field="sender_uscc")
        return cells.uscc_of(self._values, "sender_uscc")

    def _time(self, values: Mapping[str, Any], field: str) -> datetime | None:
        value = values.get(field)
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        moment = cells.moment_of(values, field)
        self._zone_assumed |= bool(moment and moment.assumed_zone)
        return moment.at if moment else None

    def _count(self, field: str) -> int | None:
        value = self._values.get(field)
        if value in (None, ""):
            return None
        count = read_count(value)
        if count is None:
            self._rejects.notice(self._line, "value-set-aside", field=field, file=self._file, value=value)
        return count

    def _amount(self, field: str) -> Any:
        value = self._values.get(field)
        if value in (None, ""):
            return None
        read = read_price(value, currency="CNY")
        if read.problem:
            self._rejects.notice(self._line, read.problem, field=field, file=self._file, value=value)
        return read.price

    def _event(self, event: Mapping[str, Any]) -> RouteEvent:
        at = self._time(event, "time")
        if at is None:
            raise RowFault("missing", field="events.time")
        place = self._clean("events.place", cells.text_of(event, "place"))
        return RouteEvent(time=at, place=place, code=self._clean("events.code", cells.text_of(event, "code")))


def _events(value: Any) -> list[Mapping[str, Any]]:
    """A list of records; in CSV a JSON array, or `time|place|code` separated by `;`."""
    if value in (None, "", []):
        return []
    if isinstance(value, str):
        if not value.lstrip().startswith("["):
            parts = [part.split("|") for part in cells.LIST_SEPARATORS.split(value) if part.strip()]
            return [dict(zip(("time", "place", "code"), part, strict=False)) for part in parts]
        try:
            value = json.loads(value)
        except ValueError:
            raise RowFault(
                "bad-value", field="events", value=value, detail="不是 JSON 数组 / not a JSON array"
            ) from None
    if not isinstance(value, list) or not all(isinstance(event, Mapping) for event in value):
        raise RowFault("bad-value", field="events", value="", detail="应为对象数组 / a list of records is wanted")
    return value
