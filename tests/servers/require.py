"""Missing servers: a test that needs one skips and says so; REQUIRE=all in the environment makes a skip a failure."""

import os
from typing import NoReturn

import pytest


def missing(server: str, what: str) -> NoReturn:
    """Skip the calling test because `server` cannot be started here, or fail where skips are not allowed."""
    message = f"{server}: {what}"
    if os.environ.get("REQUIRE") == "all":
        pytest.fail(f"{message} (REQUIRE=all forbids skipping)", pytrace=False)
    pytest.skip(message)
