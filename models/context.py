"""The context (比对上下文): every snapshot that detectors may see, named and versioned, immutable while it is used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol, TypeVar

from models.errors import ConfigurationError
from models.identity import LOCAL, digest
from models.registry import Registry


class Snapshot(Protocol):
    """Anything a detector reads that is not the subject: an index, a table, a model file."""

    @property
    def version(self) -> str: ...


Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Context:
    """What one screening is made against. `as_of` is the start of a Shanghai day: validity dates are judged by it."""

    registry: Registry
    as_of: datetime
    organisation_id: str = LOCAL
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """Names the whole: equal versions promise equal findings on equal subjects."""
        named = sorted((name, snapshot.version) for name, snapshot in self.snapshots.items())
        return digest(self.organisation_id, self.registry.version, self.as_of.isoformat(), named)

    def snapshot(self, name: str, kind: type[Kind]) -> Kind:
        """The snapshot of that name. Raises `ConfigurationError` when the context was built without it."""
        found = self.snapshots.get(name)
        if not isinstance(found, kind):
            raise ConfigurationError(
                f"the context holds no {kind.__name__} named {name!r}",
                mend="build contexts with streams.screening.contexts",
            )
        return found
