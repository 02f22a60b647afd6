"""One waybill in, one parcel record out, and the line of the way back that stays with the carrier.

Owns what may leave the carrier's side: a `ParcelRecord` built field by field, each field by its own rule (token, code,
cleaned text, administrative division, number, flag, time). There is no path by which another column could pass.
Sources: 快递暂行条例 (what a waybill may hold), PIPL 6, 19, 51 (minimum scope, de-identification), RFC 2104 (HMAC).
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from jianzhen.carrier.cleaning import clean_code, clean_text
from jianzhen.carrier.columns import CODES, DROPPED, FLAGS, TEXTS, understood
from jianzhen.carrier.divisions import reduce_place
from jianzhen.carrier.keys import Keys
from models.errors import InputError
from models.formats.reasons import RowFault
from models.moments import Moment, parse_moment
from models.subjects import ParcelRecord, RouteEvent

TRUE = frozenset({"1", "true", "yes", "y", "是", "已", "有", "√"})
FALSE = frozenset({"0", "false", "no", "n", "否", "未", "无", "×"})
# Beyond these a number is no quantity, value or weight; a phone number has eleven digits and never fits.
LARGEST = {"declared_quantity": 10**7, "declared_value": 10**9, "weight_g": 10**9}
USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

# What a carrier's own words for a scan mean, first match wins; the words themselves stay behind.
EVENT_WORDS: tuple[tuple[str, str], ...] = (
    ("清关", "customs"),
    ("报关", "customs"),
    ("海关", "customs"),
    ("揽收", "accepted"),
    ("收寄", "accepted"),
    ("派送", "delivering"),
    ("派件", "delivering"),
    ("签收", "delivered"),
    ("到达", "arrived"),
    ("离开", "departed"),
    ("发往", "departed"),
    ("发出", "departed"),
)
BIRTHDAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
EVENT_CODE = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}")


@dataclass(frozen=True)
class WayBack:
    """What the carrier needs to find a parcel again; never part of the output."""

    parcel_token: str
    sender_token: str
    carrier: str
    waybill: str


def tokenise(row: Mapping[str, Any], keys: Keys, *, carrier: str = "") -> tuple[ParcelRecord, WayBack]:
    """Turn one row of a carrier's file into its record. `carrier` stands in where the row names none. Raises
    `RowFault`, whose details never hold a personal value."""
    known, strangers = understood(row)
    waybill = _plain(known.get("waybill", ""))
    if not waybill:
        raise RowFault("missing", field="waybill")
    personal = [str(known[name]) for name in sorted(DROPPED & known.keys())] + strangers
    owner = clean_text(str(known.get("carrier", "") or carrier), personal)
    if not owner:
        raise RowFault("missing", field="carrier")
    token = keys.token("parcel", f"{owner}|{waybill}")
    uscc = _uscc(known)
    sender = "" if uscc else _sender_token(known, keys)
    at = _time(known.get("accepted_at"), "accepted_at")
    record = ParcelRecord(
        parcel_token=token,
        carrier=owner[:64],
        accepted_at=at.at if at else None,
        zone_assumed=bool(at and at.assumed_zone),
        origin=_place(known, "origin", "sender_address", county=True),
        destination=_place(known, "destination", "receiver_address", county=False),
        declared_quantity=_whole(known, "declared_quantity"),
        declared_value=_amount(known, "declared_value"),
        weight_g=_whole(known, "weight_g"),
        sender_token=sender,
        sender_uscc=uscc,
        identity_exempt=_flag(known, "identity_exempt") or False,
        events=_events(known.get("events")),
        **{name: clean_text(str(known.get(name, "")), personal) for name in TEXTS},
        **{name: clean_code(str(known.get(name, "")), personal) for name in CODES},
        **{name: _flag(known, name) for name in FLAGS},
    )
    return record, WayBack(parcel_token=token, sender_token=sender, carrier=owner, waybill=waybill)


def _sender_token(known: Mapping[str, Any], keys: Keys) -> str:
    """One token for one sender: by phone where it is whole, otherwise by name and address; none for masked data."""
    phone = "".join(sign for sign in _plain(known.get("sender_phone", "")) if sign not in " -()+")
    phone = phone.removeprefix("0086") if phone.startswith("0086") else phone
    phone = phone.removeprefix("86") if len(phone) == 13 else phone
    if phone.isdigit() and len(phone) >= 7:
        return keys.token("sender", f"phone|{phone}")
    name, address = (_plain(known.get(part, "")) for part in ("sender_name", "sender_address"))
    if name and address and "*" not in name + address:
        return keys.token("sender", f"name|{name}|{address}")
    return ""


def _place(known: Mapping[str, Any], place: str, address: str, *, county: bool) -> str:
    return reduce_place(str(known.get(place, "")), county=county) or reduce_place(
        str(known.get(address, "")), county=county
    )


def _uscc(known: Mapping[str, Any]) -> str:
    """The sender's credit code when it is one (GB 32100) and not a person's identity number (GB 11643)."""
    code = _plain(known.get("sender_uscc", "")).upper()
    return code if _is_uscc(code) and not _is_identity_number(code) else ""


def _is_uscc(code: str) -> bool:
    if len(code) != 18 or any(sign not in USCC_SIGNS for sign in code):
        return False
    total = sum(USCC_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return USCC_SIGNS[-total % 31] == code[17]


def _is_identity_number(code: str) -> bool:
    if not (code[:17].isdigit() and (code[17:].isdigit() or code[17:] == "X")):
        return False
    total = sum(int(sign) * weight for sign, weight in zip(code[:17], IDENTITY_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == code[17] or BIRTHDAY.fullmatch(code[6:14]) is not None


def _events(value: object) -> tuple[RouteEvent, ...]:
    """The route in time order: time, division, code. A scan without a readable time is left out."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return ()
    if not isinstance(value, list):
        return ()
    events = []
    for scan in value:
        if not isinstance(scan, dict):
            continue
        at = _time(scan.get("time"), "events", lenient=True)
        if at is not None:
            place = reduce_place(str(scan.get("place", "")))
            events.append(RouteEvent(time=at.at, place=place, code=_event_code(scan)))
    return tuple(sorted(events, key=lambda event: event.time))


def _event_code(scan: Mapping[str, Any]) -> str:
    code = str(scan.get("code", ""))
    if EVENT_CODE.fullmatch(code):
        return code
    words = code + str(scan.get("description", ""))
    return next((ours for word, ours in EVENT_WORDS if word in words), "")


def _time(value: object, field: str, *, lenient: bool = False) -> Moment | None:
    if value in (None, ""):
        return None
    try:
        return parse_moment(str(value).replace("/", "-"))
    except InputError:
        if lenient:
            return None
        raise RowFault("not-a-time", field=field, value="***") from None


def _flag(known: Mapping[str, Any], name: str) -> bool | None:
    value = _plain(known.get(name, "")).lower()
    if value in TRUE or value.startswith(("已", "是")):
        return True
    return False if value in FALSE or value.startswith(("未", "否", "不")) else None


def _whole(known: Mapping[str, Any], name: str) -> int | None:
    amount = _amount(known, name)
    return int(amount) if amount is not None else None


def _amount(known: Mapping[str, Any], name: str) -> Decimal | None:
    text = _plain(known.get(name, "")).removeprefix("¥").removesuffix("元").replace(",", "")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0 or amount >= LARGEST[name]:
        return None
    return amount.quantize(Decimal("0.000001")).normalize() if amount else Decimal(0)


def _plain(value: object) -> str:
    return "".join(unicodedata.normalize("NFKC", str(value)).split())
