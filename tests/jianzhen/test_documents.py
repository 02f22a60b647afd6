"""docs/settings.md and docs/commands.md say what the code says: every setting, command, option and exit code."""

import pytest

from jianzhen.settings import every_setting
from tests.jianzhen.rendering import PARTS, written


@pytest.mark.parametrize("name", sorted(PARTS))
def test_the_document_says_what_the_code_says(name: str) -> None:
    assert written(name) == PARTS[name]().strip(), f"docs/{name} is stale: python -m tests.jianzhen.rendering"


def test_every_setting_has_a_meaning() -> None:
    assert not [name for name, _, meaning in every_setting() if not meaning]


def test_every_option_has_help_in_both_languages() -> None:
    rows = [row for row in PARTS["commands.md"]().splitlines() if row.startswith("| `")]
    assert len(rows) > 40
    assert not [row for row in rows if " / " not in row or not any("一" <= sign <= "龥" for sign in row)]
