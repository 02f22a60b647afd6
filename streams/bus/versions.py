"""Versions of messages: how a message that an earlier version of this system wrote is read today.

A topic has one schema number. When its payload changes in a way that older readers or older messages could not bear
(a field renamed, removed or given another meaning), the number grows by one and an upgrader says how the message of the
number before becomes one of this. Upgraders are chained, so that every earlier number is read; numbers from the future
are refused, by dead letter, and can be replayed after an upgrade. A new field with a default needs no new number.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from models.errors import PoisonError

Message = dict[str, Any]
Upgrader = Callable[[Message], Message]
Envelope = TypeVar("Envelope", bound=BaseModel)


def read(
    body: bytes, envelope: type[Envelope], *, schema: int, upgraders: Mapping[int, Upgrader], kind: str
) -> Envelope:
    """The message in today's form. `upgraders[n]` makes a message of schema n one of n + 1. Raises `PoisonError`, which
    never repeats what the message holds."""
    try:
        return envelope.model_validate_json(body)  # nearly every message is of today's schema: one pass
    except ValidationError as error:
        fault = error
    message, number = _numbered(body)
    if message is None or number == schema:
        raise PoisonError(f"not a {kind} message: {reason(fault)}") from None
    if not isinstance(number, int) or number < 1:
        raise PoisonError(f"not a {kind} message: schema: it names no version")
    if number > schema:
        raise PoisonError(f"a {kind} message of schema {number}, this version reads up to schema {schema}")
    try:
        return envelope.model_validate(_upgraded(message, number, schema, upgraders))
    except ValidationError as error:
        raise PoisonError(f"not a {kind} message of schema {number}: {reason(error)}") from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PoisonError(f"not a {kind} message of schema {number}: {type(error).__name__}") from None


def reason(error: ValidationError) -> str:
    """The first complaints with their places, without the values: a message may hold what must not be repeated."""
    details = error.errors(include_input=False, include_url=False, include_context=False)
    said = "; ".join(f"{'.'.join(map(str, detail['loc'])) or 'body'}: {detail['msg']}" for detail in details[:3])
    return said if len(details) <= 3 else f"{said}; and {len(details) - 3} more"


def _numbered(body: bytes) -> tuple[Message | None, object]:
    """The message as data with its schema number; None when it is no JSON object."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(message, dict):
        return None, None
    number = message.get("schema")
    return message, None if isinstance(number, bool) else number


def _upgraded(message: Message, number: int, schema: int, upgraders: Mapping[int, Upgrader]) -> Message:
    for step in range(number, schema):
        message = upgraders[step](message) | {"schema": step + 1}
    return message
