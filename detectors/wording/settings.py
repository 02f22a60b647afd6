"""Settings of wording; `jianzhen.settings` reads the values and `jianzhen.record_files` the files."""

from pydantic import Field

from models.values import Value


class WordingSettings(Value):
    """Which words are looked for."""

    rules: str = Field(
        default="",
        description="a TOML file, or a folder of them, of wording rules added to the shipped ones (docs/formats.md)",
    )
