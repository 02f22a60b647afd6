"""Inputs: only the very files that the table was derived from are read."""

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from detectors.trademark.derivation.inputs import Inputs

SAID = tomllib.loads(resources.files("detectors.trademark.derivation").joinpath("inputs.toml").read_text("utf-8"))


def test_what_is_missing_or_another_version_is_named_with_where_to_get_it(tmp_path: Path) -> None:
    (tmp_path / SAID["strokes"]["file"]).write_bytes(b"another version")
    with pytest.raises(SystemExit) as refused:
        Inputs(tmp_path)
    said = str(refused.value)
    assert f"{SAID['strokes']['file']}: another SHA-256 (npm hanzi-writer-data 2.0.1)" in said
    assert f"{SAID['font-sans']['file']}: missing (Debian fonts-noto-cjk" in said


def test_every_input_says_its_version_its_licence_and_what_it_gives() -> None:
    for said in SAID.values():
        assert len(said["sha256"]) == 64
        assert all(said[key] for key in ("file", "needs", "licence", "gives"))
