"""Cells: single values of the contract's files, from text or JSON to the vocabulary's types.

Owns: lists, dates, times, yes and no, classes, currencies, credit codes, schema.org words, leftover columns.
Each function takes the row's mapping or one value and raises `RowFault` with the field's name.
Leaves to others: prices and counts (`prices`), which fields a file has (the readers).
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from models.errors import InputError
from models.formats.prices import currency_code
from models.formats.reasons import RowFault
from models.moments import Moment, parse_moment

LIST_SEPARATORS = re.compile("[;；]")

YES = frozenset({"true", "yes", "y", "1", "是", "已", "有", "t"})
NO = frozenset({"false", "no", "n", "0", "否", "未", "无", "f"})
UNKNOWN = frozenset({"", "unknown", "null", "none", "na", "n/a", "未知", "不详", "-"})

# How conditions are written -> the contract's word. Keys are lower case without blanks.
CONDITIONS = {
    "new": "new", "newcondition": "new", "brandnew": "new", "全新": "new", "新品": "new",
    "used": "used", "usedcondition": "used", "damagedcondition": "used", "secondhand": "used", "pre-owned": "used",
    "preowned": "used", "二手": "used", "闲置": "used", "中古": "used", "非全新": "used",
    "refurbished": "refurbished", "refurbishedcondition": "refurbished", "renewed": "refurbished",
    "翻新": "refurbished", "官翻": "refurbished",
}  # fmt: skip

# schema.org ItemAvailability, and how shops write it.
AVAILABILITY = {
    "instock": "InStock", "outofstock": "OutOfStock", "preorder": "PreOrder", "presale": "PreSale",
    "backorder": "BackOrder", "soldout": "SoldOut", "discontinued": "Discontinued", "instoreonly": "InStoreOnly",
    "onlineonly": "OnlineOnly", "limitedavailability": "LimitedAvailability", "madetoorder": "MadeToOrder",
    "reserved": "Reserved", "available": "InStock", "availablefororder": "InStock", "oos": "OutOfStock",
    "unavailable": "OutOfStock", "notavailable": "OutOfStock", "pending": "PreOrder",
    "有货": "InStock", "现货": "InStock", "在售": "InStock", "缺货": "OutOfStock", "无货": "OutOfStock",
    "售罄": "SoldOut", "已售完": "SoldOut", "下架": "Discontinued", "已下架": "Discontinued",
    "预售": "PreSale", "预订": "PreOrder",
}  # fmt: skip

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
_SPREADSHEET_TIME = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


def text_of(values: Mapping[str, Any], field: str) -> str:
    """The field as text without blanks around it; empty when absent. Lists and records are not text."""
    value = values.get(field)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RowFault("bad-value", field=field, value=_shown(value), detail="应为文本 / text is wanted")
    return repr(value) if isinstance(value, float) else str(value)


def required(values: Mapping[str, Any], field: str) -> str:
    """The field as text that may not be empty."""
    text = text_of(values, field)
    if not text:
        raise RowFault("missing", field=field)
    return text


def texts_of(values: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """A list: of a JSON array, or of text split by `;`."""
    value = values.get(field)
    if value is None:
        return ()
    parts: Iterable[Any] = LIST_SEPARATORS.split(value) if isinstance(value, str) else value
    if isinstance(parts, Mapping) or not isinstance(parts, (list, tuple)):
        parts = (value,)
    cleaned = (text_of({field: part}, field) for part in parts)
    return tuple(part for part in cleaned if part)


def classes_of(values: Mapping[str, Any], field: str) -> tuple[int, ...]:
    """Nice classes, 1 to 45; `第30类` and `30` alike."""
    found = []
    for part in texts_of(values, field):
        digits = unicodedata.normalize("NFKC", part).strip().removeprefix("第").removesuffix("类").strip()
        if not digits.isdecimal() or not 1 <= int(digits[:4]) <= 45:
            raise RowFault("not-a-class", field=field, value=part)
        found.append(int(digits))
    return tuple(dict.fromkeys(found))


def choice_of(values: Mapping[str, Any], field: str, choices: Iterable[str], default: str) -> str:
    """One of the contract's words, in any case; `default` when absent."""
    text = text_of(values, field).lower()
    if not text:
        return default
    allowed = list(choices)
    if text not in allowed:
        raise RowFault("not-a-choice", field=field, value=text, choices=", ".join(allowed))
    return text


def date_of(values: Mapping[str, Any], field: str) -> date | None:
    """A day: `2026-03-01`, and as spreadsheets write it: `2026/3/1`, `2026年3月1日`, `20260301`."""
    text = text_of(values, field)
    if not text:
        return None
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text))
    try:
        if match is None:
            return _day_of_moment(text)
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return date(year, month, day)
    except ValueError:
        raise RowFault("not-a-date", field=field, value=text) from None


def _day_of_moment(text: str) -> date:
    return datetime.fromisoformat(text).date()


def moment_of(values: Mapping[str, Any], field: str) -> Moment | None:
    """A time: ISO 8601, or as spreadsheets write it (`2026/3/1 9:30`); without a zone it is Asia/Shanghai."""
    text = text_of(values, field)
    if not text:
        return None
    try:
        return parse_moment(text)
    except InputError:
        pass
    match = _SPREADSHEET_TIME.fullmatch(unicodedata.normalize("NFKC", text))
    try:
        if match is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return parse_moment(datetime(year, month, day, hour, minute, second).isoformat())  # noqa: DTZ001 zone marked
    except (ValueError, InputError):
        raise RowFault("not-a-time", field=field, value=text) from None


def flag_of(values: Mapping[str, Any], field: str) -> bool | None:
    """True, false or unknown (None)."""
    value = values.get(field)
    if value is None or isinstance(value, bool):
        return value
    text = text_of(values, field).lower()
    if text in YES:
        return True
    if text in NO:
        return False
    if text in UNKNOWN:
        return None
    raise RowFault("not-a-choice", field=field, value=text, choices="true, false, unknown")


def currency_of(values: Mapping[str, Any], field: str) -> str | None:
    """An ISO 4217 code; `元`, `RMB`, `￥` are CNY."""
    text = text_of(values, field)
    if not text:
        return None
    code = currency_code(text)
    if code is None:
        raise RowFault("not-a-currency", field=field, value=text)
    return code


def uscc_of(values: Mapping[str, Any], field: str, *, label: str = "") -> str:
    """A unified social credit code (GB 32100: 18 characters without I, O, S, V, Z); upper case."""
    text = unicodedata.normalize("NFKC", text_of(values, field)).upper().replace(" ", "")
    if text and not _USCC.fullmatch(text):
        raise RowFault("not-a-uscc", field=label or field)
    return text


def availability_word(text: str) -> str:
    """The schema.org word (`InStock`) for an address or a shop's wording; the text itself when it is unknown."""
    last = text.strip().rstrip("/").rsplit("/", 1)[-1]
    return AVAILABILITY.get(re.sub(r"[\s_-]", "", last).lower(), last[:64])


def condition_word(text: str) -> str | None:
    """new, used or refurbished for an address or a shop's wording; None when unknown."""
    last = text.strip().rstrip("/").rsplit("/", 1)[-1]
    return CONDITIONS.get(re.sub(r"[\s_]", "", last).lower())


def leftovers(values: Mapping[str, Any], known: frozenset[str]) -> dict[str, str]:
    """Unknown columns as attributes: text as it is, everything else as JSON; `attributes` itself is merged in."""
    extra = {name: _shown(value) for name, value in values.items() if name not in known and value not in (None, "")}
    own = values.get("attributes")
    if isinstance(own, Mapping):
        extra.update((str(name), _shown(value)) for name, value in own.items() if value not in (None, ""))
    elif isinstance(own, str) and own:
        extra.update(_attribute_text(own))
    return extra


def _attribute_text(text: str) -> dict[str, str]:
    """A CSV cell of attributes: a JSON object, otherwise kept whole."""
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    return (
        {str(name): _shown(value) for name, value in read.items()} if isinstance(read, dict) else {"attributes": text}
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
