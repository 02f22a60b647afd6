"""Forms as a page shows them, filled in and sent by a program: every text field and every upload of the console, found
on the pages themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.review_api.conftest import Caller

TEXT = {"text", "search", "password", "email", "url", "tel", ""}


@dataclass
class Form:
    """What a form would send as it stands; which of its fields take text, and which take files."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    texts: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def send(self, caller: Caller, text: str, file: tuple[str, bytes, str] | None = None) -> httpx.Response:
        """With this text in every text field, cut to the length that it allows, and this file in every upload."""
        values: dict[str, Any] = {}
        for name, value in self.values:
            values.setdefault(name, []).append(value)
        values |= {name: text[:longest] for name, longest in self.texts.items()}
        if self.method == "get":
            return caller.get(self.action, params=values)
        files = [(name, file) for name in self.files] if file else None
        return caller.post(self.action, data=values, files=files, csrf=False)


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.found.append(self._form)
        if self._form is None:
            return
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and value:
            self._form.values.append((self._select, value))
            self._select = ""  # the first that says something
        elif tag == "textarea" and name:
            self._form.texts[name] = int(given.get("maxlength") or 100_000)
        elif tag == "input" and name:
            self._input(given.get("type", "text"), name, value, int(given.get("maxlength") or 100_000))

    def _input(self, kind: str, name: str, value: str, longest: int) -> None:
        assert self._form is not None
        if kind == "file":
            self._form.files.append(name)
        elif kind in TEXT:
            self._form.texts[name] = longest
        elif kind == "number":
            self._form.values.append((name, value or "1"))
        elif kind == "date":
            self._form.values.append((name, value or "2026-03-17"))
        else:  # hidden, and every box is ticked
            self._form.values.append((name, value or "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def each_form(caller: Caller, path: str, do: Callable[[Form], None]) -> int:
    """Do something with every form of a page, read again before each, for the last may have changed it."""
    count = len(Forms(caller.get(path).text).found)
    for number in range(count):
        forms = Forms(caller.get(path).text).found
        if number < len(forms) and forms[number].action != "/signout":
            do(forms[number])
    return count
