"""LibreOffice without a window, for tests that open what we write as its users do.

Each conversion has a profile of its own, so that nothing of the user's is touched and a crash leaves nothing behind.
"""

import shutil
import subprocess
from pathlib import Path

from tests.servers.require import missing

PATIENCE_S = 240


def soffice() -> str:
    """The program, or a skip that says what to install."""
    found = next((path for name in ("soffice", "libreoffice") if (path := shutil.which(name))), None)
    if found is None:
        missing("LibreOffice", "not installed (apt-get install libreoffice-writer libreoffice-calc)")
    return found


def pdf_pages() -> str:
    """The program that draws the pages of a PDF, or a skip."""
    found = shutil.which("pdftotext")
    if found is None:
        missing("poppler", "not installed (apt-get install poppler-utils)")
    return found


def convert(file: Path, to: str, *, infilter: str = "") -> Path:
    """Open the file and save it in another format, in a folder of its own; fails when LibreOffice cannot."""
    out = file.parent / f"{file.stem}-{to.partition(':')[0]}"
    out.mkdir(exist_ok=True)
    command = [
        soffice(),
        f"-env:UserInstallation=file://{file.parent}/profile",
        "--headless",
        "--norestore",
        *([f"--infilter={infilter}"] if infilter else []),
        "--convert-to",
        to,
        "--outdir",
        str(out),
        str(file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    made = out / f"{file.stem}.{to.partition(':')[0]}"
    assert done.returncode == 0, done.stdout + done.stderr
    assert made.exists(), done.stdout + done.stderr
    return made
