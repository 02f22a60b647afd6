"""The base of every value type: frozen, validated, closed to unknown fields."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable record. Construction validates; a wrong field raises `pydantic.ValidationError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False, ser_json_bytes="base64")

    def content(self, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The record as JSON-ready data, without fields that are unset (None or empty) and those named in `without`."""
        data = self.model_dump(mode="json", exclude=set(without), exclude_none=True)
        return {name: value for name, value in data.items() if value not in ("", [], {})}
