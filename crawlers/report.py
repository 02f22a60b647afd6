"""What a crawl or an import did: counts, failures with their addresses, alarms."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from crawlers.sources import Expectations
from models.errors import FetchError
from models.values import Value


class Failure(Value):
    """One page that yielded nothing, and why, in both languages."""

    url: str
    code: str
    reason: str
    reason_en: str


class Capture(Value):
    """A page's bytes as they came: what a listing was read from."""

    url: str
    final_url: str
    sha256: str
    size: int
    status: int
    content_type: str = ""
    captured_at: datetime
    peer: str = ""


@dataclass
class CrawlReport:
    """`pages` were fetched and read, `listings` handed to the sink, `repeated` listings seen again in the same crawl.
    `alarms` are expectations that were not met: whoever runs a crawl must show them and fail."""

    pages: int = 0
    listings: int = 0
    repeated: int = 0
    without_product: int = 0
    failures: list[Failure] = field(default_factory=list)
    failure_counts: Counter[str] = field(default_factory=Counter)
    alarms: list[str] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Raises `FetchError` with every alarm."""
        if self.alarms:
            raise FetchError(
                "; ".join(self.alarms), mend="检查来源的网址与规则 / check the source's addresses and rules"
            )


def expectation_alarm(name: str, count: int, expect: Expectations) -> str:
    """What a run's count of listings says against the source's expectations; empty when it is as expected."""
    if count < expect.min_listings:
        return (
            f"{name}: 只得到 {count} 条商品信息, 预期至少 {expect.min_listings} 条 / "
            f"{count} listings, at least {expect.min_listings} expected"
        )
    if expect.max_listings is not None and count > expect.max_listings:
        return (
            f"{name}: 得到 {count} 条商品信息, 预期至多 {expect.max_listings} 条 / "
            f"{count} listings, at most {expect.max_listings} expected"
        )
    return ""
