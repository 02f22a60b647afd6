"""Column mappings (列映射): how one platform wants its rows, which reasons it knows, and how it writes its answers.

A mapping is a TOML file. Some are shipped, for platforms in general; an organisation puts its own beside them, and a
file that names the same `code` takes a shipped one's place.
"""

import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from models.errors import ConfigurationError, InputError
from models.explanations import Language
from models.liaison.states import RowState
from models.values import Value

Said = Annotated[str, Field(min_length=1, max_length=200)]
GENERAL = "general"
LARGEST_MAPPING = 256 * 1024

# What a column may hold, by the name a mapping calls it. The first two are on every row of every platform.
REQUIRED_FIELDS = ("batch_id", "item_id", "url")
SENT_FIELDS = (
    *REQUIRED_FIELDS, "title", "seller", "price", "currency", "mark", "registration_no", "nice_classes", "reason_code",
    "reason", "words", "evidence", "captured_at", "number",
)  # fmt: skip
ANSWER_FIELDS = ("batch_id", "item_id", "answer", "reason", "at", "words")


class Column(Value):
    """One column of what is sent: the field that it holds and its heading at that platform."""

    field: Said
    heading: Said
    width: Annotated[float, Field(ge=4, le=120)] = 16

    @model_validator(mode="after")
    def _known(self) -> "Column":
        if self.field not in SENT_FIELDS:
            raise ValueError(f"no field {self.field!r}; there are {', '.join(SENT_FIELDS)}")
        return self


class Reason(Value):
    """A reason code (投诉理由) as the platform knows it."""

    code: Annotated[str, Field(min_length=1, max_length=64)]
    zh: Said
    en: Said

    def name(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class PlatformMapping(Value):
    """One platform's way of writing. `item_pattern` is what its item ids look like, `hosts` where its pages lie; both
    may be empty. `answer_headings` lists for each field the headings that its answers may use, `answer_words` what it
    writes for each state."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    zh: Said
    en: Said
    platforms: tuple[str, ...] = ()
    item_pattern: str = ""
    hosts: tuple[str, ...] = ()
    columns: Annotated[tuple[Column, ...], Field(min_length=3, max_length=40)]
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=100)]
    answer_headings: dict[str, tuple[str, ...]]
    answer_words: dict[RowState, tuple[str, ...]]

    @model_validator(mode="after")
    def _whole(self) -> "PlatformMapping":
        fields, headings = [each.field for each in self.columns], [each.heading for each in self.columns]
        lacking = [field for field in REQUIRED_FIELDS if field not in fields]
        if lacking:
            raise ValueError(f"every row carries {', '.join(lacking)}")
        if len(set(fields)) < len(fields) or len(set(headings)) < len(headings):
            raise ValueError("a field or a heading stands twice")
        if set(self.answer_headings) != set(ANSWER_FIELDS) or not all(self.answer_headings.values()):
            raise ValueError(f"answer_headings names {', '.join(ANSWER_FIELDS)}, each with a heading")
        answered = {
            heading
            for field, several in self.answer_headings.items()
            if field not in REQUIRED_FIELDS
            for heading in several
        }
        if answered & set(headings):
            raise ValueError(f"a heading is both sent and answered: {', '.join(sorted(answered & set(headings)))}")
        codes = [each.code for each in self.reasons]
        words = [_key(word) for several in self.answer_words.values() for word in several]
        if len(set(codes)) < len(codes) or len(set(words)) < len(words):
            raise ValueError("a reason's code or an answer's word stands twice")
        try:
            re.compile(self.item_pattern)
        except re.error as fault:
            raise ValueError(f"item_pattern: {fault}") from None
        return self

    def name(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def reason(self, code: str) -> Reason | None:
        return next((each for each in self.reasons if each.code == code), None)

    def state(self, word: str) -> RowState | None:
        """What the platform means by this word; nothing for one it is not known to use."""
        wanted = _key(word)
        return next(
            (state for state, words in self.answer_words.items() for each in words if _key(each) == wanted), None
        )

    def word(self, state: RowState) -> str:
        """What the platform writes for this state."""
        return next(iter(self.answer_words.get(state, ())), state.value)

    def holds_item(self, item_id: str) -> bool:
        return not self.item_pattern or re.fullmatch(self.item_pattern, item_id) is not None

    def holds_host(self, host: str) -> bool:
        return not self.hosts or any(host == each or host.endswith(f".{each}") for each in self.hosts)


@cache
def shipped() -> dict[str, PlatformMapping]:
    """The shipped mappings by code, in the order of their names."""
    folder = resources.files("models.liaison").joinpath("data", "mappings")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    read = [read_mapping(entry.read_text("utf-8"), where=entry.name) for entry in files]
    return {mapping.code: mapping for mapping in read}


def mappings(folder: str = "") -> dict[str, PlatformMapping]:
    """The shipped ones and those of an own folder by code. Raises `ConfigurationError` for a file that cannot be
    read, with what is wrong in it."""
    own: dict[str, PlatformMapping] = {}
    if folder:
        for file in sorted(Path(folder).glob("*.toml")):
            try:
                if file.stat().st_size > LARGEST_MAPPING:
                    raise ConfigurationError("the mapping is larger than 256 KiB", where=file.name)
                read = read_mapping(file.read_text("utf-8"), where=file.name)
            except (OSError, UnicodeDecodeError):
                raise ConfigurationError(
                    "the mapping cannot be read", where=file.name, mend="save it as UTF-8"
                ) from None
            own[read.code] = read
    return shipped() | own


def mapping_of(code: str, folder: str = "") -> PlatformMapping:
    """Raises `InputError` for a code that nobody made."""
    found = mappings(folder).get(code)
    if found is None:
        raise InputError(f"no column mapping {code!r}", where="mapping", mend=f"one of {', '.join(mappings(folder))}")
    return found


def usual_mapping(platform: str, folder: str = "") -> str:
    """The code of the mapping that names this platform; the general one where none does."""
    every = mappings(folder).values()
    return next((each.code for each in every if platform in each.platforms), GENERAL)


def read_mapping(text: str, *, where: str) -> PlatformMapping:
    """A mapping as text. Raises `ConfigurationError`."""
    try:
        return PlatformMapping.model_validate(_named(tomllib.loads(text)))
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{place}: {first['msg']}" if place else str(first["msg"]), where=where) from None
    except tomllib.TOMLDecodeError as fault:
        raise ConfigurationError(f"the mapping is no TOML: {fault}", where=where) from None


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    names = {"column": "columns", "reason": "reasons"}
    return {names.get(name, name): value for name, value in entry.items()}


def _key(word: str) -> str:
    """Words are compared without blanks and in one case."""
    return "".join(word.split()).casefold()
