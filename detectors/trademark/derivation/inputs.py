"""The files that the shape table is derived from: found, checked, read.

Owns the checking against `inputs.toml` and the reading of foreign formats; knows nothing of likeness.
"""

import bz2
import hashlib
import json
import tarfile
import tomllib
from pathlib import Path
from typing import Any

from PIL import ImageFont

PIXELS = 64
Point = tuple[float, float]


class Inputs:
    """The files named in `inputs.toml`, all in one folder."""

    def __init__(self, folder: Path) -> None:
        """Raises `SystemExit`, naming what is missing or is another version, and where it is to be had."""
        self._folder = folder
        self._said: dict[str, dict[str, Any]] = tomllib.loads(
            Path(__file__).with_name("inputs.toml").read_text(encoding="utf-8")
        )
        wrong = [
            f"  {one['file']}: {fault} ({one['needs']})" for one in self._said.values() if (fault := self._fault(one))
        ]
        if wrong:
            raise SystemExit("\n".join([f"inputs in {folder} are not those of inputs.toml:", *wrong]))

    def _fault(self, said: dict[str, Any]) -> str:
        path = self._folder / said["file"]
        if not path.is_file():
            return "missing"
        return "" if hashlib.sha256(path.read_bytes()).hexdigest() == said["sha256"] else "another SHA-256"

    def _path(self, name: str) -> Path:
        return self._folder / str(self._said[name]["file"])

    def fonts(self) -> list[ImageFont.FreeTypeFont]:
        """Every font, at 64 pixels, in the file's order."""
        faces = [(self._path(name), said["face"]) for name, said in self._said.items() if "face" in said]
        return [ImageFont.truetype(path, PIXELS, index=face) for path, face in faces]

    def unihan(self, name: str, key: str) -> dict[str, str]:
        """One property of Unihan, by character."""
        found = {}
        with bz2.open(self._path(name), "rt", encoding="utf-8") as lines:
            for line in lines:
                if f"\t{key}\t" in line:
                    code, _, value = line.rstrip("\n").split("\t")
                    found[chr(int(code[2:], 16))] = value
        return found

    def middle_lines(self) -> dict[str, list[list[Point]]]:
        """The strokes of each character in writing order, each as points on its middle line, y upwards."""
        found = {}
        with tarfile.open(self._path("strokes")) as archive:
            for member in archive:
                sign = Path(member.name).stem
                content = archive.extractfile(member) if len(sign) == 1 else None
                if content and member.name.endswith(".json"):
                    found[sign] = json.load(content)["medians"]
        return found

    def decompositions(self) -> str:
        """The records of the CJK Decomposition Data, one a line."""
        with tarfile.open(self._path("parts")) as archive:
            content = archive.extractfile("package/lib/data/cjk-decomp.txt.js")
            return content.read().decode("utf-8") if content else ""
