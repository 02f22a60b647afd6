"""The wheel is what users get: it carries every package and data file, nothing else, and works in an empty place."""

import json
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.servers.require import missing

ROOT = Path(__file__).parents[2]
PACKAGES = {"crawlers", "detectors", "jianzhen", "models", "review_api", "streams"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("*.whl"))


def test_it_holds_every_file_of_every_package_and_nothing_else(wheel: Path) -> None:
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in shipped} == PACKAGES
    present = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert shipped == present


def test_it_carries_third_party_assets_that_were_built_and_their_licence(tmp_path: Path) -> None:
    """Built in a copy of the tree that has such a folder: ignored by git, not by the wheel."""
    tree = tmp_path / "tree"
    skipped = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "tests", "bench", "docs", "third-party")
    shutil.copytree(ROOT, tree, ignore=skipped)
    shutil.copy(ROOT / ".gitignore", tree / ".gitignore")
    folder = tree / "review_api" / "console" / "static" / "third-party"
    folder.mkdir()
    for name in ("chart.js", "chart.LICENSE.md"):
        (folder / name).write_text("built", "utf-8")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(tree)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert {name for name in names if "/third-party/" in name} == {
        "review_api/console/static/third-party/chart.js",
        "review_api/console/static/third-party/chart.LICENSE.md",
    }


def test_it_scans_from_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    lock = str(ROOT / "requirements" / "runtime.lock")
    locked = subprocess.run(
        [*install, "--no-compile", "--require-hashes", "-r", lock], capture_output=True, text=True, check=False
    )
    if "NewConnectionError" in locked.stderr or "Temporary failure in name resolution" in locked.stderr:
        missing("package registry", "the locked dependencies cannot be fetched here")
    assert locked.returncode == 0, locked.stderr[-2000:]
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, capture_output=True)

    (tmp_path / "marks.csv").write_text(
        "mark_id,text,holder,nice_classes,kind,aliases\nM1,白鹭泉,白鹭泉饮品有限公司,32,word,Egret Spring\n", "utf-8"
    )
    listings = [
        {"listing_id": "1", "platform": "集市", "title": "白·鹭·泉 矿泉水500ml*24瓶", "price": 20, "currency": "CNY"},
        {"listing_id": "2", "platform": "集市", "title": "纯棉毛巾三条装", "price": 19.9, "currency": "CNY"},
    ]
    (tmp_path / "listings.jsonl").write_text("\n".join(json.dumps(row) for row in listings), "utf-8")
    command = ["scan", "--marks", "marks.csv", "--listings", "listings.jsonl", "--out", "leads.jsonl"]
    ran = subprocess.run(
        [str(tmp_path / "env" / "bin" / "jianzhen"), *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    leads = [json.loads(line) for line in (tmp_path / "leads.jsonl").read_text("utf-8").splitlines()]
    assert [lead["listing_id"] for lead in leads] == ["1", "2"]
    assert [finding["mark_id"] for finding in leads[0]["findings"] if finding["stance"] == "for"] == ["M1"]
    assert not leads[1]["findings"]
