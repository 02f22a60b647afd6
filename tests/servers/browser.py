"""A real browser for tests: the system's Chromium through Playwright, which never downloads one of its own.

Mark tests with `pytest.mark.browser` and `pytest.mark.xdist_group("browser")`, so that one process runs them all.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.require import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def executable() -> Path:
    """The browser's program, or a skip that says what to install."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        missing("Chromium", "not installed (apt-get install chromium fonts-noto-cjk)")
    return Path(found)


def flags() -> list[str]:
    """What the browser is started with."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]  # Chromium's sandbox refuses root


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One headless browser for a module of tests; contexts keep tests apart. Its event loop belongs to the calling
    thread, so it ends with the module."""
    program = executable()
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=program, args=flags())
        except PlaywrightError as error:
            missing("Chromium", f"does not start: {str(error).splitlines()[0]}")
        yield running
        running.close()
