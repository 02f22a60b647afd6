"""Reasons to dismiss a lead (排除理由): a shipped list as data, and what an organisation adds of its own.

A decision stores a reason by its code, so that it can be read in both languages, counted and learned from; codes are
never given up, and an organisation's own begin with `own-`.
"""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.explanations import Language
from models.identity import digest
from models.values import Value

OWN = "own-"
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class DismissalReason(Value):
    """One reason. `words_needed`: the officer says more in a sentence. The organisation's own tell who added them."""

    code: Annotated[str, Field(pattern=rf"^{CODE.pattern}$", max_length=64)]
    zh: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
    en: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
    words_needed: bool = False
    added_by: str = ""
    added_at: AwareDatetime | None = None

    def name(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


@cache
def shipped_reasons() -> dict[str, DismissalReason]:
    """The shipped list by code, in its order."""
    text = resources.files("models").joinpath("data", "dismissals.toml").read_text("utf-8")
    reasons = (DismissalReason(**entry) for entry in tomllib.loads(text)["reason"])
    return {reason.code: reason for reason in reasons}


def own_code(zh: str) -> str:
    """The code of an organisation's own reason: the same words are the same reason."""
    return OWN + digest(zh.strip())[:12]


def is_code(text: str) -> bool:
    """Whether a stored word is the code of a reason, of whichever organisation."""
    return text in shipped_reasons() or (text.startswith(OWN) and CODE.fullmatch(text) is not None)


def reason_code(stored: str) -> str:
    """The code that a decision's stored reason begins with; "" where its words stand alone."""
    code, _, _ = stored.partition(":")
    return code if is_code(code) else ""
