"""What docs/settings.md and docs/commands.md must say, made from the code. `python -m tests.jianzhen.rendering` writes
the generated parts anew; the tests compare them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import SecretStr

from jianzhen.cli import EXIT_CODES, build
from jianzhen.settings import every_setting, variable

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"


def settings_part() -> str:
    """A table a section: name, variable, default, meaning."""
    sections: dict[str, list[str]] = {}
    for name, default, meaning in every_setting():
        section = name.rpartition(".")[0] or "general"
        row = f"| `{name}` | `{variable(name)}` | {_shown(default)} | {_cell(meaning)} |"
        sections.setdefault(section, []).append(row)
    lines: list[str] = []
    for section, rows in sections.items():
        lines += [f"## {section}", "", "| setting | variable | default | meaning |", "|---|---|---|---|", *rows, ""]
    return "\n".join(lines)


def commands_part() -> str:
    """A section a command, with its arguments and options; then the exit codes."""
    root = typer.main.get_command(build())
    lines: list[str] = ["## jianzhen", "", *_parameters(root), ""]
    for path, command in _commands(root, ()):
        lines += [f"## {' '.join(('jianzhen', *path))}", "", " ".join((command.help or "").split()), ""]
        lines += [*_parameters(command), ""]
    lines += ["## Exit codes", "", "| code | 含义 | meaning |", "|---|---|---|"]
    lines += [f"| {code} | {zh} | {en} |" for code, (zh, en) in EXIT_CODES.items()]
    return "\n".join([*lines, ""])


def _commands(group: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command


def _parameters(command: Any) -> list[str]:
    rows = []
    for parameter in command.params:
        if parameter.name == "help":
            continue
        names = (
            ", ".join(parameter.opts)
            if parameter.opts[0].startswith("-")
            else (parameter.metavar or parameter.name).upper()
        )
        needed = "yes" if parameter.required else ""
        rows.append(f"| `{names}` | {needed} | {_cell(parameter.help or '')} |")
    return ["| argument or option | required | meaning |", "|---|---|---|", *rows] if rows else []


def _shown(default: Any) -> str:
    value = default.get_secret_value() if isinstance(default, SecretStr) else default
    if value is None or value == "":
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PARTS = {"settings.md": settings_part, "commands.md": commands_part}


def written(name: str) -> str:
    """The generated part as the document has it."""
    text = (DOCS / name).read_text("utf-8")
    return text.partition(BEGIN)[2].partition(END)[0].strip()


def write(name: str) -> None:
    """Put the generated part into its document."""
    path = DOCS / name
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    path.write_text(f"{before}{BEGIN}\n\n{PARTS[name]()}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    for document in PARTS:
        write(document)
    sys.stdout.write(f"wrote {', '.join(PARTS)}\n")
