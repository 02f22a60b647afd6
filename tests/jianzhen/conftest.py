"""Fixtures of the command's tests."""

from pathlib import Path

import pytest

from tests.jianzhen.command_line import Inside


@pytest.fixture
def jianzhen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Inside:
    """The command inside this process, working in `tmp_path`."""
    return Inside(tmp_path, monkeypatch, capfd)
