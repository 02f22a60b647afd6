"""House rules that no linter knows: sizes of rooms, openings of modules, words that never appear."""

import ast
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("crawlers", "detectors", "jianzhen", "models", "review_api", "streams")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "common", "misc"}


def tracked() -> list[Path]:
    """Files under version control; the rules about them skip in an unpacked archive."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_modules_open_with_what_they_own() -> None:
    silent = [path for path in MODULES if path.read_text("utf-8").count("\n") > 5 and not docstring(path)]
    assert not [str(path.relative_to(ROOT)) for path in silent]


def docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_rooms_keep_their_size() -> None:
    large = [f"{path.relative_to(ROOT)}" for path in MODULES if path.read_text("utf-8").count("\n") > 400]
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        if "migrations" not in path.parts  # a migration states a whole schema once and is never changed again
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno > 60
    ]
    assert not large + long


def test_every_room_of_the_vocabulary_is_under_the_contract_that_keeps_it_from_its_storage() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (listed,) = (set(each["source_modules"]) for each in contracts if "models.errors" in each.get("source_modules", ()))
    rooms = {path.relative_to(ROOT / "models").parts[0].removesuffix(".py") for path in (ROOT / "models").rglob("*.py")}
    assert {f"models.{room}" for room in rooms - {"__init__", "storage"}} == listed


def test_rooms_are_named_for_what_they_hold() -> None:
    assert not [str(path) for path in MODULES if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES]


def test_no_path_of_one_machine_and_no_registry_host_is_written_anywhere() -> None:
    place = re.compile(
        rb"/(?:work|root|home)/[a-z]|(?:pypi\.org|pythonhosted|repo1?\.maven|deb\.debian|registry\.npmjs)"
    )
    own = Path(__file__)
    found = [path for path in tracked() if path != own and place.search(path.read_bytes())]
    assert not [str(path.relative_to(ROOT)) for path in found]


def test_nothing_large_is_committed() -> None:
    limit = 2_000_000
    assert not [str(path.relative_to(ROOT)) for path in tracked() if path.stat().st_size > limit]
