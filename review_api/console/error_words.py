"""What errors say, in the reader's language.

Errors are raised far from any reader. Some carry both languages (`中文 / English`); the others are in English, and
`review_api/console/data/errors.toml` says the same in Chinese, by the form of the sentence. What stands nowhere is
shown as it is.
"""

import re
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from models.explanations import Language
from review_api.console.texts import Texts

BOTH = re.compile(r"(?P<zh>.*?[\u4e00-\u9fff].*?) / (?P<en>.+)", re.DOTALL)
LONGEST = 2_000  # a longer sentence is none of ours


@cache
def sentences() -> Mapping[str, str]:
    """The form of each sentence, `{}` for what it fills in -> its Chinese, with `{0}`, `{1}` … for those."""
    source = resources.files("review_api.console").joinpath("data", "errors.toml").read_text("utf-8")
    return {english: chinese for room in tomllib.loads(source).values() for english, chinese in room.items()}


def in_language(text: str, language: Language) -> str:
    """The words of an error as a reader wants them."""
    if both := BOTH.fullmatch(text):
        return both[language]
    return text if language == "en" else _chinese(text)


def _chinese(text: str) -> str:
    if text in sentences() or len(text) > LONGEST:
        return sentences().get(text, text)
    for form, words in _forms():
        if filled := form.fullmatch(text):
            return _FILLING.vformat(words, filled.groups(), {})
    return text


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those that fill something in; the form with most words of its own first, for it says most."""
    with_gaps = sorted((form for form in sentences() if "{}" in form), key=lambda form: -len(form))
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, form.split("{}"))), re.DOTALL), sentences()[form]) for form in with_gaps
    )


class _Filling(string.Formatter):
    """Fills in what the error filled in; a name after the colon says of which family of words it is."""

    def format_field(self, value: Any, family: str) -> str:
        match family:
            case "":
                return str(value)
            case "error":
                return _chinese(value)
            case "complaints":
                return "；".join(_complaint(each) for each in value.split("; "))
            case _:
                texts = Texts("zh")
                return "、".join(
                    texts(f"{family}.{each}") if texts.has(f"{family}.{each}") else each for each in value.split(", ")
                )


_FILLING = _Filling()


def _complaint(text: str) -> str:
    """What is wrong with a field, after the field's name; the name stays as it is on the wire."""
    field, colon, words = text.partition(": ")
    return f"{field}：{_chinese(words)}" if colon and " " not in field else _chinese(text)
