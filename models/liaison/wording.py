"""The words of liaison, from its data file: lacks and how to mend them, checks before signing, what a letter asks for,
and the declaration of a notice."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from models.explanations import Language
from models.liaison.kinds import LetterKind


def lack_words(code: str, what: str, language: Language) -> str:
    """What is missing (`what`) or how to mend it (`mend`)."""
    text: str = _words()["lack"][code][what][language]
    return text


def checks() -> tuple[dict[str, Any], ...]:
    """What a person checks once a batch: code, the kinds of letter it is for, and its words."""
    return tuple(_words()["check"])


def usual_request(kind: LetterKind) -> str:
    """What a letter of this kind asks for until somebody writes something else."""
    text: str = _words()["asked"][kind]
    return text


def declaration(language: Language) -> str:
    """The declaration of truth."""
    text: str = _words()["declaration"][language]
    return text


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(resources.files("models.liaison").joinpath("data", "words.toml").read_text("utf-8"))
