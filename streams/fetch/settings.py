"""Settings of the safe fetcher."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from models.values import Value


class FetchSettings(Value):
    """How single pages and pictures are fetched."""

    user_agent: Annotated[str, Field(min_length=1, description="Who asks; add your office's contact address")] = (
        "jianzhen/0.1 (trademark monitoring)"
    )
    allow_private: Annotated[
        bool, Field(description="Also fetch from private and loopback addresses; for demo shops and inner networks")
    ] = False
    max_bytes: Annotated[int, Field(ge=1, description="Largest body, after decompression, in bytes")] = 8 * 1024 * 1024
    deadline_s: Annotated[float, Field(gt=0, description="Time for one fetch, redirects included, in seconds")] = 20.0
    connect_timeout_s: Annotated[float, Field(gt=0, description="Time for one connection to open, in seconds")] = 5.0
    max_redirects: Annotated[int, Field(ge=0, description="How many redirects are followed; each is checked")] = 5
    silent_tries: Annotated[
        int, Field(ge=1, description="How often in a row a host may fail to answer before it is left alone")
    ] = 3
    silent_pause_s: Annotated[float, Field(ge=0, description="How long such a host is left alone, in seconds")] = 60.0
    ca_file: Annotated[
        Path | None, Field(description="PEM file of certificate authorities to trust in place of the built-in ones")
    ] = None
