"""Rules from files: the shipped tables with a user's own laid over them, as the `triage.rules` setting names them."""

from pathlib import Path

from detectors.triage import Rules, overridden
from models.errors import ConfigurationError


def load_rules(named: str) -> Rules:
    """The rules in use. Raises `ConfigurationError` for a file that is missing, unreadable or contradicts itself."""
    return overridden(override_texts(Path(named)) if named else {})


def rules_with(named: str, proposed: Path) -> Rules:
    """The rules as they would be: a proposed folder stands in place of the one in use, a proposed file over it. The
    proposed file wins, whatever its name."""
    texts = override_texts(Path(named)) if named and proposed.is_file() else {}
    return overridden({**{f"0 {name}": text for name, text in texts.items()}, **_last(override_texts(proposed))})


def override_texts(path: Path) -> dict[str, str]:
    """A file's text, or those of a folder's `*.toml`, by name."""
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise ConfigurationError("文件夹里没有 .toml 规则文件 / the folder holds no .toml rules", where=str(path))
    try:
        return {file.name: file.read_text("utf-8-sig") for file in files}
    except OSError as error:
        raise ConfigurationError(
            f"规则文件无法读取 / the rules cannot be read: {error.strerror}", where=str(path)
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError("规则文件不是 UTF-8 / the rules are not UTF-8", where=str(path)) from None


def _last(texts: dict[str, str]) -> dict[str, str]:
    return {f"1 {name}": text for name, text in texts.items()}
