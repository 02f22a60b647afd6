"""The key file: made private, refused when others may read it or when it is something else."""

import os
import stat
from pathlib import Path

import pytest

from jianzhen.carrier.keys import open_keys
from models.errors import ConfigurationError


def test_keys_are_made_once_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made, new = open_keys(path)
    again, newer = open_keys(path)
    assert (new, newer) == (True, False)
    assert made == again
    assert made.parcel != made.sender
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.parcel.hex() not in repr(made)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    open_keys(path)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="read by others"):
        open_keys(path)


@pytest.mark.parametrize("content", ["", "[]", '{"parcel": "00"}', '{"parcel": "zz", "sender": "00"}', "\xff"])
def test_something_else_is_refused_without_its_content(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError):
        open_keys(path)


def test_short_or_equal_keys_are_refused(tmp_path: Path) -> None:
    for parcel, sender in (("00" * 16, "11" * 32), ("00" * 32, "00" * 32)):
        path = tmp_path / f"{parcel[:4]}{sender[:4]}.json"
        path.write_text(f'{{"parcel": "{parcel}", "sender": "{sender}"}}')
        path.chmod(0o600)
        with pytest.raises(ConfigurationError):
            open_keys(path)
