"""The offline bundle: the same bytes twice, refused when it was changed, and, at full size, installed, upgraded and
rolled back in an empty environment whose network is cut off."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from tests.servers.require import missing

ROOT = Path(__file__).parents[2]
SKIPPED = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "tests", "bench", "node_modules")


def builder() -> ModuleType:
    """The script that builds it."""
    spec = importlib.util.spec_from_file_location("bundle_build", ROOT / "requirements" / "bundle" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def unpacked(archive: Path, to: Path) -> Path:
    """The bundle's folder."""
    with tarfile.open(archive) as tar:
        tar.extractall(to, filter="data")
    return next(to.iterdir())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle without the wheels of others."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "none").mkdir()
    made: Path = builder().build(folder, ROOT, folder / "none")
    return made


def install(bundle: Path, prefix: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "HOME": str(prefix.parent), "PYTHON": sys.executable, **variables}
    command = ["sh", str(bundle / "install.sh"), str(prefix)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_it_says_what_it_holds(small: Path, tmp_path: Path) -> None:
    bundle = unpacked(small, tmp_path)
    told = json.loads((bundle / "BUNDLE.json").read_text("utf-8"))
    migrations = sorted((ROOT / "models/storage/migrations/versions").glob("*.py"))
    assert told["revision"] in migrations[-1].read_text("utf-8")
    assert (bundle / told["wheel"]).exists()
    assert {"install.sh", "upgrade.sh", "rollback.sh", "SHA256SUMS", "docs"} <= {each.name for each in bundle.iterdir()}
    summed = {line.split("  ")[1] for line in (bundle / "SHA256SUMS").read_text("utf-8").splitlines()}
    present = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert summed == present - {"SHA256SUMS"}


def test_the_same_tree_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    again = builder().build(tmp_path, ROOT, tmp_path / "none")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(small.read_bytes()).digest()


def test_a_changed_bundle_and_a_wrong_python_are_refused(small: Path, tmp_path: Path) -> None:
    bundle = unpacked(small, tmp_path / "one")
    described = bundle / "BUNDLE.json"
    whole = described.read_bytes()
    described.write_bytes(whole.replace(b"version", b"verzion"))
    refused = install(bundle, tmp_path / "opt")
    assert refused.returncode == 1
    assert "damaged" in refused.stderr
    described.write_bytes(whole)
    imitation = tmp_path / "python"
    imitation.write_text("#!/bin/sh\necho 2.7\n")
    imitation.chmod(0o755)
    refused = install(bundle, tmp_path / "opt", PYTHON=str(imitation))
    assert refused.returncode == 1
    assert "2.7" in refused.stderr
    assert not (tmp_path / "opt").exists()


# --- the full size --------------------------------------------------------------------------------------------------


def offline(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run it where there is no network at all."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHON": sys.executable}
    return subprocess.run(
        ["unshare", "-n", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def earlier_tree(folder: Path) -> Path:
    """This tree as an earlier version: another number, and without its newest migration."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=SKIPPED)
    shutil.copy(ROOT / ".gitignore", tree / ".gitignore")
    project = tree / "pyproject.toml"
    project.write_text(re.sub(r'\nversion = "[^"]+"', '\nversion = "0.0.9"', project.read_text("utf-8")), "utf-8")
    sorted((tree / "models/storage/migrations/versions").glob("*.py"))[-1].unlink()
    return tree


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_it_installs_upgrades_and_rolls_back_without_a_network(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or offline(tmp_path, "true").returncode:
        missing("unshare", "a process without a network cannot be started here")
    build, wheels = builder(), tmp_path / "wheels"
    wheels.mkdir()
    build.download(ROOT, wheels)
    old = unpacked(build.build(tmp_path / "old", earlier_tree(tmp_path), wheels), tmp_path / "old-bundle")
    new = unpacked(build.build(tmp_path / "new", ROOT, wheels), tmp_path / "new-bundle")
    reach = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    assert "unreachable" in offline(tmp_path, sys.executable, "-c", reach).stderr  # not even loopback
    jianzhen, prefix = str(tmp_path / "opt/current/bin/jianzhen"), str(tmp_path / "opt")

    def done(*command: str) -> str:
        ran = offline(tmp_path, *command)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    done("sh", str(old / "install.sh"), prefix)
    assert "0.0.9" in done(jianzhen, "--version")
    done(jianzhen, "prepare")
    (tmp_path / "listings.jsonl").write_text('{"listing_id": "1", "platform": "集市", "title": "山间清泉"}\n', "utf-8")
    done(jianzhen, "ingest", "listings", "listings.jsonl")
    before = revision(tmp_path)
    done("sh", str(new / "upgrade.sh"), prefix)
    assert "0.0.9" not in done(jianzhen, "--version")
    after = revision(tmp_path)
    assert before < after
    done(jianzhen, "worker", "--until-idle")
    done("sh", f"{prefix}/rollback.sh", prefix)
    assert "0.0.9" in done(jianzhen, "--version")
    assert revision(tmp_path) == before
    assert list((tmp_path / ".jianzhen").glob("before-*-jianzhen.sqlite"))
    done("sh", str(new / "upgrade.sh"), prefix)
    assert revision(tmp_path) == after
    done(jianzhen, "worker", "--until-idle")


def revision(folder: Path) -> str:
    """Where the store's tables stand."""
    with closing(sqlite3.connect(folder / ".jianzhen" / "jianzhen.sqlite")) as connection:
        found: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    return found
