"""What keeps a crawl safe and polite: one visible table of Scrapy settings, and a guard at the moment of connecting.

Owns: the settings, and refusing forbidden network addresses on the reactor itself: every TCP connection of the process
passes `guard_connections`, so redirects, robots.txt, names that change their address and literal addresses are all held
to the same policy. Leaves to others: the policy (`streams.fetch.addresses`), what is crawled (`spider`).
"""

from collections.abc import Callable
from typing import Any

from crawlers.settings import CrawlSettings
from crawlers.sources import Source
from models.errors import FetchRefused
from streams.fetch.addresses import why_forbidden

OFF = None
OPENING = "内网来源须加 --allow-private-addresses / a source within needs --allow-private-addresses"


def scrapy_settings(settings: CrawlSettings, source: Source) -> dict[str, Any]:
    """The whole of what is set, beside Scrapy's defaults."""
    delay = max(settings.delay_s, source.politeness.delay_s or 0.0)
    concurrency = min(settings.concurrency, source.politeness.concurrency or settings.concurrency)
    return {
        # who we are, and what we obey
        "USER_AGENT": settings.user_agent,
        "ROBOTSTXT_OBEY": settings.obey_robots,
        "ROBOTSTXT_USER_AGENT": settings.user_agent.split("/")[0],
        "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"},
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": OFF,
            "crawlers.robots.Robots": 100,
        },
        # each address once is the spider's rule; a filter here would swallow redirects without a word
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        # how fast
        "DOWNLOAD_DELAY": delay,
        "CONCURRENT_REQUESTS": concurrency * 4,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": max(30.0, delay),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(concurrency),
        # how much
        "DOWNLOAD_MAXSIZE": settings.max_page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": settings.timeout_s,
        "DNS_TIMEOUT": settings.timeout_s / 2,
        "REDIRECT_MAX_TIMES": settings.max_redirects,
        "RETRY_TIMES": settings.retries,
        # what is never done
        "DOWNLOAD_HANDLERS": {"data": OFF, "file": OFF, "ftp": OFF, "s3": OFF},
        "DOWNLOAD_VERIFY_CERTIFICATES": settings.verify_certificates,
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy of the environment would connect where we do not see
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "MEMUSAGE_ENABLED": False,
        # quiet: what matters is reported page by page
        "LOG_LEVEL": "ERROR",
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
    }


def guard_connections(reactor: Any, *, allow_private: bool) -> None:
    """Make the reactor refuse forbidden addresses. What a request gets instead of a connection is `FetchRefused`."""
    connect: Callable[..., Any] = reactor.connectTCP

    def guarded(host: str, port: int, *rest: Any, **named: Any) -> Any:
        what = why_forbidden(host, allow_private=allow_private)
        if what:
            opens = not why_forbidden(host, allow_private=True)
            raise FetchRefused(f"{host} is {what}", where=f"{host}:{port}", mend=OPENING if opens else "")
        return connect(host, port, *rest, **named)

    reactor.connectTCP = guarded
