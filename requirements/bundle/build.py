"""Builds the offline bundle: everything that an installation without a network needs, in one archive.

Wheels of the locked dependencies for this machine's Python and kind, our own wheel (with its migrations, and the
console's third-party assets where `make assets` has built them), documents, scripts that install, upgrade and roll
back, and checksums of it all. The same tree, lock and `SOURCE_DATE_EPOCH` give the same bytes.
"""

import argparse
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
LOCK = "requirements/runtime.lock"
SCRIPTS = ("install.sh", "upgrade.sh", "rollback.sh")
DOCUMENTS = ("operations.md", "carrying.md", "settings.md", "commands.md", "formats.md", "access.md", "glossary.md")
# 1 January 2020: what a zip file can hold, where nobody says a time and there is no commit to ask.
EPOCH = "1577836800"


def main() -> None:
    """Build `OUT/NAME.tar.gz` and say where it lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the source tree, this one by default")
    parser.add_argument("--wheels", type=Path, help="folder with the locked wheels; downloaded when not given")
    given = parser.parse_args()
    print(build(given.out, given.tree, given.wheels))  # noqa: T201  the result of a command


def build(out: Path, tree: Path = ROOT, wheels: Path | None = None) -> Path:
    """The archive. Raises `CalledProcessError` when a wheel cannot be had."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", _commit_time(tree))
    with tempfile.TemporaryDirectory(prefix="bundle-") as scratch:
        own = _own_wheel(tree, Path(scratch))
        version = own.name.split("-")[1]
        name = f"jianzhen-{version}-cp{sys.version_info.major}{sys.version_info.minor}-{_machine()}"
        folder = Path(scratch) / name
        (folder / "wheels").mkdir(parents=True)
        if wheels is None:
            download(tree, folder / "wheels")
        else:
            for wheel in wheels.glob("*.whl"):
                shutil.copyfile(wheel, folder / "wheels" / wheel.name)
        shutil.copyfile(own, folder / own.name)
        (folder / "wheels.lock").write_text(_pin(folder / "wheels"), "utf-8")
        shutil.copyfile(tree / "LICENSE", folder / "LICENSE")
        for script in SCRIPTS:
            shutil.copyfile(HERE / script, folder / script)
        (folder / "docs").mkdir()
        for document in DOCUMENTS:
            shutil.copyfile(tree / "docs" / document, folder / "docs" / document)
        _describe(folder, version, own, tree)
        _sum(folder)
        out.mkdir(parents=True, exist_ok=True)
        return _pack(folder, out / f"{name}.tar.gz")


def download(tree: Path, wheels: Path) -> None:
    """Bring a wheel of every locked dependency for this machine, checked against the lock's hashes; what is published
    as source alone is built here."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "-r", str(tree / LOCK), "-w", str(wheels)]
    subprocess.run(command, check=True)  # noqa: S603


def _pin(wheels: Path) -> str:
    """The wheels as a requirements file of their own hashes: one that was built here is not in the lock."""
    lines = []
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    return "".join(lines)


def _own_wheel(tree: Path, scratch: Path) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(scratch / "own"), str(tree)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return next((scratch / "own").glob("jianzhen-*.whl"))


def _describe(folder: Path, version: str, own: Path, tree: Path) -> None:
    """What the bundle is, for people and scripts."""
    revisions = sorted((tree / "models/storage/migrations/versions").glob("*.py"))
    last = re.search(r'^revision = "(\w+)"', revisions[-1].read_text("utf-8"), re.MULTILINE)
    told = {
        "version": version,
        "wheel": own.name,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "machine": _machine(),
        "revision": last.group(1) if last else "",
        "wheels": sorted(path.name for path in (folder / "wheels").iterdir()),
        "assets": (tree / "review_api/console/static/third-party/chart.js").exists(),
    }
    (folder / "BUNDLE.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    (folder / "VERSION").write_text(version + "\n", "utf-8")


def _sum(folder: Path) -> None:
    """SHA256SUMS of every other file, as `sha256sum --check` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def _pack(folder: Path, archive: Path) -> Path:
    """One archive: names in order, one time, no owner."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = int(os.environ["SOURCE_DATE_EPOCH"])
        member.mode = 0o755 if member.isdir() or member.name.endswith(".sh") else 0o644
        return member

    beside = archive.with_name(f"{archive.name}.part")
    with (
        beside.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            name = path.relative_to(folder.parent).as_posix()
            tar.add(path, arcname=name, recursive=False, filter=plain)
    beside.replace(archive)
    return archive


def _machine() -> str:
    return f"{platform.system().lower()}_{platform.machine()}"


def _commit_time(tree: Path) -> str:
    git = shutil.which("git")
    if git is None:
        return EPOCH
    asked = subprocess.run(  # noqa: S603
        [git, "-C", str(tree), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 and asked.stdout.strip() else EPOCH


if __name__ == "__main__":
    main()
