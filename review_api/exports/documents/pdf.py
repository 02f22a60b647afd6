"""PDF: a filled DOCX turned into PDF/A by LibreOffice, where it and a Chinese font are installed.

Each conversion runs in a process and a profile of its own that end with it; one at a time, for LibreOffice is large.
"""

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from models.errors import JianzhenError, NotInstalledError

PROGRAMS = ("soffice", "libreoffice")
PATIENCE_S = 120
# 2: PDF/A-2b, the fonts inside.
FILTER = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
_TURN = BoundedSemaphore(1)


def missing_for_pdf() -> str:
    """What this machine lacks for PDF, in words; nothing when it lacks nothing."""
    if _program() is None:
        return "LibreOffice (libreoffice-writer)"
    return "" if _has_chinese_font() else "a Chinese font (fonts-noto-cjk)"


def to_pdf(docx: bytes) -> bytes:
    """The document as PDF. Raises `NotInstalledError` where a part is missing, `JianzhenError` when the conversion
    fails."""
    missing, program = missing_for_pdf(), _program()
    if missing or program is None:
        raise NotInstalledError(
            f"PDF needs {missing}, which this machine lacks", where="pdf", mend="install it, or export DOCX"
        )
    with _TURN, tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "document.docx").write_bytes(docx)
        command = [
            program,
            f"-env:UserInstallation=file://{place}/profile",
            "--headless",
            "--norestore",
            "--convert-to",
            FILTER,
            "--outdir",
            str(place),
            str(place / "document.docx"),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=True)  # noqa: S603  our own file
            return (place / "document.pdf").read_bytes()
        except (OSError, subprocess.SubprocessError) as fault:
            raise JianzhenError(f"LibreOffice did not make the PDF: {type(fault).__name__}", where="pdf") from fault


@cache
def _has_chinese_font() -> bool:
    """Asked once in a process; taken for granted where nobody can be asked."""
    lister = shutil.which("fc-list")
    if lister is None:
        return True
    fonts = subprocess.run(  # noqa: S603  a program of the system, no input of anybody
        [lister, ":lang=zh", "family"], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return bool(fonts.stdout.strip())


def _program() -> str | None:
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)
