"""Settings: each package's own class composed into one, from defaults, one TOML file and the environment.

Precedence, strongest first: environment (`JIANZHEN_STORE__URL`), the TOML file (`--config`, else `JIANZHEN_CONFIG`,
else `./jianzhen.toml` where there is one), defaults. Places of the embedded parts derive from `data_dir` unless
they are named. Nothing is read at import; `load_settings` is called once, at the entry.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from crawlers.settings import CrawlSettings
from detectors.triage.settings import TriageSettings
from detectors.wording.settings import WordingSettings
from models.errors import ConfigurationError
from models.identity import LOCAL
from models.storage import ArchiveSettings, ObjectSettings, StoreSettings
from models.values import Value
from review_api.settings import ReviewSettings
from streams.carrying.settings import CarrySettings
from streams.fetch.settings import FetchSettings
from streams.pictures.settings import PictureSettings
from streams.settings import BusSettings, RelaySettings, WorkerSettings

PREFIX = "JIANZHEN_"
DELIMITER = "__"
CONFIG_VARIABLE = "JIANZHEN_CONFIG"
DEFAULT_FILE = Path("jianzhen.toml")
# Variables with our prefix that are no settings: the file's place, and what docker-compose.yml asks its caller for.
NOT_SETTINGS = frozenset({CONFIG_VARIABLE, "JIANZHEN_DB_PASSWORD", "JIANZHEN_S3_KEY", "JIANZHEN_S3_SECRET"})

# Where the embedded parts keep their things: section, field, value under `data_dir`.
DERIVED: tuple[tuple[str, str, str], ...] = (
    ("store", "url", "sqlite:///{data_dir}/jianzhen.sqlite"),
    ("objects", "url", "{data_dir}/objects"),
    ("bus", "url", "sqlite:///{data_dir}/bus.sqlite"),
    ("bus", "spool", "{data_dir}/spool.sqlite"),
    ("worker", "index_folder", "{data_dir}/indexes"),
    ("carry", "folder", "{data_dir}/carry"),
)


class ServeSettings(Value):
    """Where the review API and console listen."""

    host: str = Field(default="127.0.0.1", description="address the console listens on; 0.0.0.0 for every network")
    port: int = Field(default=8321, ge=0, le=65535, description="its port; 0 takes a free one")


class HealthSettings(Value):
    """A small page of a process's own for whoever watches it: /healthz, /readyz and /metrics."""

    host: str = Field(default="127.0.0.1", description="address that health and metrics are served on")
    port: int = Field(default=0, ge=0, le=65535, description="their port, for worker, api and up; 0: not served")
    every_s: float = Field(default=15.0, gt=0, description="how often lag and progress are looked at")
    stall_after_s: float = Field(
        default=60.0, gt=0, description="a partition with messages waiting that does not move for so long is not ready"
    )


class LogSettings(Value):
    """What is logged. Lines go to standard error; the service manager keeps and rotates them."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="least level that is logged; debug tells every subject by its trace; a terminal is spared info",
    )


class Settings(BaseSettings):
    """Everything one installation decides. Sections are the packages' own classes. Built by `load_settings`; built
    directly it reads neither environment nor file."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter=DELIMITER, hide_input_in_errors=True
    )

    data_dir: Path = Field(default=Path(".jianzhen"), description="folder of the embedded store, log, objects, indexes")
    organisation_id: str = Field(
        default=LOCAL, min_length=1, max_length=64, description="whose registry and leads the commands work on"
    )
    store: StoreSettings = Field(default_factory=StoreSettings)
    objects: ObjectSettings = Field(default_factory=ObjectSettings)
    archive: ArchiveSettings = Field(default_factory=ArchiveSettings)
    bus: BusSettings = Field(default_factory=BusSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    relay: RelaySettings = Field(default_factory=RelaySettings)
    carry: CarrySettings = Field(default_factory=CarrySettings)
    fetch: FetchSettings = Field(default_factory=FetchSettings)
    pictures: PictureSettings = Field(default_factory=PictureSettings)
    crawl: CrawlSettings = Field(default_factory=CrawlSettings)
    triage: TriageSettings = Field(default_factory=TriageSettings)
    wording: WordingSettings = Field(default_factory=WordingSettings)
    review: ReviewSettings = Field(default_factory=ReviewSettings)
    serve: ServeSettings = Field(default_factory=ServeSettings)
    health: HealthSettings = Field(default_factory=HealthSettings)
    log: LogSettings = Field(default_factory=LogSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Construction takes what it is given; `load_settings` merges the sources."""
        return (init_settings,)


def embedded_settings(data_dir: Path, **sections: Any) -> Settings:
    """Settings with every embedded part in one folder, whatever the environment and files say: for the demo."""
    return Settings(**_derived({"data_dir": data_dir, **sections}))


def load_settings(config: Path | None = None, **overrides: Any) -> Settings:
    """Compose the settings. `overrides` (by top-level name) win over everything. Raises `ConfigurationError` with one
    line that names the setting and where it was read."""
    file = _file(config)
    written = _read(file) if file else {}
    spoken = _environment()
    try:
        return Settings(**_derived(_merged(_merged(written, spoken), overrides)))
    except ValidationError as error:
        what, where = _told(error, spoken, file)
        raise ConfigurationError(what, where=where, mend="docs/settings.md") from None


def every_setting(model: type[BaseModel] = Settings, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, str]]:
    """Every setting as (dotted name, default, meaning): what docs/settings.md must list."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from every_setting(kind, (*path, name))
        else:
            dotted = ".".join((*path, name))
            yield dotted, _shown_default(dotted, field.get_default(call_default_factory=True)), field.description or ""


def variable(dotted: str) -> str:
    """The environment variable of a setting: `store.url` is `JIANZHEN_STORE__URL`."""
    return PREFIX + dotted.upper().replace(".", DELIMITER)


def _shown_default(dotted: str, default: Any) -> Any:
    derived = {f"{section}.{field}": value for section, field, value in DERIVED}
    return derived.get(dotted, default)


def _file(config: Path | None) -> Path | None:
    named = config or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    if named and not named.is_file():
        raise ConfigurationError("没有这个设置文件 / the settings file does not exist", where=str(named))
    return named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"设置文件不是 TOML / the settings file is not TOML: {error}", where=str(file)
        ) from None
    except OSError as error:
        raise ConfigurationError(f"无法读取 / cannot be read: {error.strerror}", where=str(file)) from None


def _environment() -> dict[str, Any]:
    """What the environment says, nested; a variable with our prefix that names no setting is refused."""
    for name in sorted(os.environ):
        section = name.removeprefix(PREFIX).split(DELIMITER)[0].lower()
        if name.startswith(PREFIX) and name not in NOT_SETTINGS and section not in Settings.model_fields:
            raise ConfigurationError("没有这个设置 / no setting has this name", where=name, mend="docs/settings.md")
    try:
        return EnvSettingsSource(Settings)()
    except SettingsError as error:
        raise ConfigurationError(f"环境变量无法读取 / the environment cannot be read: {error}") from None


def _derived(values: dict[str, Any]) -> dict[str, Any]:
    """Fill in the places that follow from `data_dir`."""
    filled = dict(values)
    data_dir = Path(str(values.get("data_dir", Settings.model_fields["data_dir"].default)))
    for section, field, place in DERIVED:
        given = filled.get(section, {})
        if isinstance(given, Mapping):
            filled[section] = {field: place.format(data_dir=data_dir.as_posix()), **given}
    return filled


def _merged(weak: Mapping[str, Any], strong: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(weak)
    for name, value in strong.items():
        below = merged.get(name)
        merged[name] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _told(error: ValidationError, spoken: Mapping[str, Any], file: Path | None) -> tuple[str, str]:
    """The first fault in one line, and where it was read. Values are not repeated: they may be secrets."""
    fault = error.errors(include_input=False, include_url=False)[0]
    names = [str(part) for part in fault["loc"]]
    dotted = ".".join(names)
    level: Any = spoken
    for name in names:
        level = level.get(name) if isinstance(level, Mapping) else None
    where = variable(dotted) if level is not None else str(file or "jianzhen.toml")
    if fault["type"] == "extra_forbidden":
        return f"没有这个设置 / no such setting: {dotted}", where
    return f"{dotted}: {fault['msg']}", where
