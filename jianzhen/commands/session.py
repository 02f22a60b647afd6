"""What one invocation of the command carries from the root's options to the commands."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from jianzhen.commands.terminal import write_logs

if TYPE_CHECKING:
    from jianzhen.engine import Engine
    from jianzhen.settings import Settings


@dataclass
class Session:
    """The root's options, and what is built from them when a command first asks. Commands that work on files alone
    never ask for the engine, so they need no server."""

    config: Path | None = None

    @cached_property
    def settings(self) -> "Settings":
        from jianzhen.settings import load_settings  # pulls in every package's settings

        settings = load_settings(self.config)
        write_logs(settings.log.level)
        return settings

    @cached_property
    def engine(self) -> "Engine":
        from jianzhen.engine import Engine

        return Engine(self.settings)

    def close(self) -> None:
        """Give back what the engine opened, if anybody asked for it."""
        if "engine" in self.__dict__:
            self.engine.close()


def session_of(context: typer.Context) -> Session:
    """The invocation's session."""
    session = context.find_root().obj
    return session if isinstance(session, Session) else Session()
