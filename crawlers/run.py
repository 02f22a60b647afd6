"""One source's crawl in a process of its own: `python -m crawlers.run JOB.json`.

Owns: the process. A reactor runs once in a process, so a program that crawls repeatedly starts this each time. Records
go to standard output as JSON lines, a last one says that the crawl came to its end; Scrapy's own log goes to standard
error. Leaves to others: what is crawled (`spider`), who listens (`crawl`).
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

from crawlers.safety import guard_connections, scrapy_settings
from crawlers.settings import CrawlSettings
from crawlers.sources import Source
from crawlers.spider import ShopSpider


def main(job: Path) -> int:
    """Run the job; returns the exit status."""
    data = json.loads(job.read_text("utf-8"))
    source, settings = Source.model_validate(data["source"]), CrawlSettings.model_validate(data["settings"])
    out = sys.stdout
    sys.stdout = sys.stderr  # nothing but records goes to the listener
    spool = Path(data["spool"]) if data.get("spool") else None

    def record(entry: dict[str, Any]) -> None:
        try:
            out.write(json.dumps(entry) + "\n")
            out.flush()
        except OSError:  # nobody listens any more: stop asking the shop for pages
            os._exit(1)

    def keep(sha256: str, body: bytes) -> None:
        if spool is not None:
            (spool / sha256).write_bytes(body)

    process = AsyncCrawlerProcess(scrapy_settings(settings, source))
    from twisted.internet import reactor  # exists only now that the process has installed it

    guard_connections(reactor, allow_private=source.allow_private_addresses or settings.allow_private_addresses)
    process.crawl(ShopSpider, source=source, settings=settings, record=record, keep=keep if spool else None)
    process.start()
    record({"kind": "end"})
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
