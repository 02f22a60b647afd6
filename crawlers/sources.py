"""Sources: where listings come from, one YAML file each.

Owns: the fields of a source, their checks, reading the file. `docs/sources.md` tells users how to write one.
Leaves to others: crawling (`crawl`), importing (`feeds`), when it runs (whoever reads `schedule`).
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from models.errors import FetchError, FileRejected, InputError
from models.formats.listings import ColumnMap
from models.values import Value
from streams.fetch.addresses import check_url

MAX_SOURCE_BYTES = 1 << 20


class SourceKind(StrEnum):
    """`pages`: these pages alone. `sitemap`: the product pages that a sitemap names. `list`: list pages and the product
    pages they link to. `feed`: files that a platform supplies."""

    PAGES = "pages"
    SITEMAP = "sitemap"
    LIST = "list"
    FEED = "feed"


class Rule(Value):
    """Which links of a page count: a CSS selector or an XPath, and a pattern that the address must match."""

    css: str = ""
    xpath: str = ""
    pattern: str = Field(default="", description="regular expression that the address must contain")

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if not (self.css or self.xpath):
            return self
        from parsel import Selector  # slow to load, and most sources have no such rule

        try:
            Selector("<a/>").css(self.css or "a")
            Selector("<a/>").xpath(self.xpath or "//a")
        except (SyntaxError, RuntimeError, ValueError) as error:  # of the library's kinds of faults
            raise ValueError(f"选择器无效 / not a valid CSS selector or XPath: {error}") from None
        return self

    @field_validator("pattern")
    @classmethod
    def _matches(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} 不是有效的正则表达式 / not a regular expression: {error}") from None
        return pattern


class Follow(Value):
    """The links of a list source: `items` lead to product pages, `next` to further list pages."""

    items: Rule = Rule()
    next: Rule = Rule()


class Politeness(Value):
    """Slower than the settings, never faster."""

    delay_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    max_pages: Annotated[int, Field(ge=1)] | None = None


class Expectations(Value):
    """How many listings a run should yield; outside of it the run is reported as failed, loudly."""

    min_listings: Annotated[int, Field(ge=0)] = 0
    max_listings: Annotated[int, Field(ge=1)] | None = None


class Source(Value):
    """One source. Unknown fields are refused, so that a misspelt rule is not a rule ignored."""

    name: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$", description="short name, used as the listings' source")]
    owner: str = Field(default="", description="who answers for this source, with a contact")
    schedule: str = Field(default="", description="when it should run, in words or as a cron line")
    kind: SourceKind
    platform: str = Field(default="", max_length=128, description="platform's name; the page's host when empty")
    start_urls: tuple[str, ...] = Field(default=(), description="pages, list pages or sitemaps to begin with")
    allowed_domains: tuple[str, ...] = Field(default=(), description="hosts that may be followed; the start hosts")
    follow: Follow = Follow()
    files: tuple[str, ...] = Field(default=(), description="feed files or folders, relative to the source's file")
    columns: ColumnMap | None = Field(default=None, description="how the feed's columns become ours")
    expect: Expectations = Expectations()
    politeness: Politeness = Politeness()
    allow_private_addresses: bool = Field(default=False, description="this source may lie in a private network")

    @field_validator("start_urls")
    @classmethod
    def _addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            try:
                check_url(url)
            except FetchError as error:
                raise ValueError(str(error)) from None
        return urls

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind is SourceKind.FEED and not self.files:
            raise ValueError("a feed needs `files`")
        if self.kind is not SourceKind.FEED and not self.start_urls:
            raise ValueError("a crawled source needs `start_urls`")
        return self

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that may be followed, subdomains included."""
        return self.allowed_domains or tuple(dict.fromkeys(urlsplit(url).hostname or "" for url in self.start_urls))


def read_source(path: Path) -> Source:
    """Read a source's YAML; its feed files become paths beside it. Raises `FileRejected` naming every fault."""
    try:
        if path.stat().st_size > MAX_SOURCE_BYTES:
            raise FileRejected("来源文件过大 / the source file is too large", where=str(path))
        data = yaml.safe_load(path.read_text("utf-8-sig"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileRejected(f"无法打开来源文件: {reason} / cannot be opened: {reason}", where=str(path)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FileRejected(f"不是有效的 YAML / not valid YAML: {_place(error)}", where=str(path)) from None
    if not isinstance(data, dict):
        raise FileRejected("来源应是一组字段 / a source is a set of fields", where=str(path), mend="见 docs/sources.md")
    data.setdefault("name", path.stem)
    try:
        source = Source.model_validate(data)
    except ValidationError as error:
        raise FileRejected(
            f"来源定义有误 / the source is wrong: {_faults(error)}",
            where=str(path),
            mend="见 docs/sources.md / see there",
        ) from None
    files = tuple(str(path.parent / name) for name in source.files)
    return source.model_copy(update={"files": files})


def source_of_urls(urls: tuple[str, ...], *, allow_private_addresses: bool = False) -> Source:
    """A source for pages named on the command line. Raises `InputError`."""
    data: dict[str, Any] = {"name": "urls", "kind": SourceKind.PAGES, "start_urls": urls}
    try:
        return Source(**data, allow_private_addresses=allow_private_addresses)
    except ValidationError as error:
        raise InputError(_faults(error), where="--url") from None


def _faults(error: ValidationError) -> str:
    said = []
    for fault in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in fault["loc"])
        said.append(f"{place}: {fault['msg']}" if place else str(fault["msg"]))
    return "; ".join(said)


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{problem}, 第 {mark.line + 1} 行 / line {mark.line + 1}" if mark else str(problem)
