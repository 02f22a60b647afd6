"""Settings of triage; `jianzhen.settings` reads the values and `jianzhen.rules_files` the files."""

from pydantic import Field

from models.values import Value


class TriageSettings(Value):
    """Which rules weigh findings."""

    rules: str = Field(
        default="",
        description="a TOML file, or a folder of them, laid over the shipped rules (docs/triage.md); empty: shipped",
    )
