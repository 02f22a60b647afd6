"""Running the command for tests: as a process of its own, and inside this one where only input handling matters."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jianzhen import cli

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def environment(**variables: str) -> dict[str, str]:
    """The process environment without any setting, with these variables."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("JIANZHEN_")}
    return {**plain, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", **variables}


def run(folder: Path, *arguments: str, **variables: str) -> Ran:
    """`jianzhen ARGUMENTS` in that folder; no traceback may ever be shown."""
    done = subprocess.run(
        [sys.executable, "-m", "jianzhen", *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


class Inside:
    """`jianzhen ARGUMENTS` inside this process, in a folder of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._patch = monkeypatch
        self._captured = capfd
        for name in [name for name in os.environ if name.startswith("JIANZHEN_")]:
            monkeypatch.delenv(name)
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def __call__(self, *arguments: str) -> Ran:
        self._patch.setattr(sys, "argv", ["jianzhen", *arguments])
        self._captured.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self._captured.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text("utf-8").splitlines()]


MARKS = """mark_id,text,holder,nice_classes,kind,aliases
M1,白鹭泉,白鹭泉饮品有限公司,32,word,Egret Spring
M2,KESTRELLO,Kestrello S.p.A.,25,word,
"""


def listing(listing_id: str, title: str, **more: Any) -> str:
    """One line of listings.jsonl."""
    record = {"listing_id": listing_id, "platform": "集市", "title": title, "price": 20, "currency": "CNY", **more}
    return json.dumps(record, ensure_ascii=False) + "\n"
