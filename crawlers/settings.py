"""Settings of crawling. A source may ask for less speed than these allow, never for less safety but for its own
private addresses."""

from typing import Annotated

from pydantic import Field

from models.values import Value


class CrawlSettings(Value):
    """How pages are crawled."""

    user_agent: Annotated[str, Field(min_length=1, description="Who asks; add your office's contact address")] = (
        "jianzhen/0.1 (trademark monitoring)"
    )
    allow_private_addresses: Annotated[
        bool, Field(description="Crawl private and loopback addresses too, whatever the source says; for demo shops")
    ] = False
    obey_robots: Annotated[bool, Field(description="Obey robots.txt")] = True
    delay_s: Annotated[float, Field(ge=0, description="Least pause between two pages of one host, in seconds")] = 1.0
    concurrency: Annotated[int, Field(ge=1, le=64, description="Pages fetched at a time from one host")] = 2
    timeout_s: Annotated[float, Field(gt=0, description="Time for one page, in seconds")] = 20.0
    max_page_bytes: Annotated[int, Field(ge=1, description="Largest page, after decompression, in bytes")] = 8 << 20
    max_redirects: Annotated[int, Field(ge=0, description="How many redirects are followed; each is checked")] = 5
    max_pages: Annotated[int, Field(ge=1, description="Pages fetched of one source in one crawl")] = 10_000
    retries: Annotated[int, Field(ge=0, le=10, description="How often a page that fails for now is tried again")] = 1
    batch: Annotated[int, Field(ge=1, le=10_000, description="Listings handed on at a time")] = 200
    verify_certificates: Annotated[bool, Field(description="Refuse https pages whose certificate does not hold")] = True
