"""robots.txt, obeyed by every request.

Owns: asking once a host and making each request wait for that answer; reading a server's failure as "not now".
Scrapy's own middleware hands the rules to the first waiting request of a host only, so that pages asked for at the same
time pass unchecked (seen with 2.19 on asyncio); the concurrency test guards this.
Leaves to others: the rules' syntax (Protego, through Scrapy).
"""

import asyncio
from typing import Any

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached

NOTHING = b"User-agent: *\nDisallow: /\n"


class Robots(RobotsTxtMiddleware):
    """Refuses what robots.txt forbids. RFC 9309: a missing file (4xx) allows, a failing server (5xx) forbids all."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._asked: dict[str, asyncio.Future[Any]] = {}

    async def robot_parser(self, request: Request) -> Any:
        """The host's rules, the same for every request that waits for them."""
        host = urlparse_cached(request).netloc
        if host not in self._asked:
            self._asked[host] = asyncio.ensure_future(super().robot_parser(request))
        return await asyncio.shield(self._asked[host])

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 400:
            response = response.replace(body=NOTHING if response.status >= 500 else b"")
        await super()._parse_robots(response, netloc, request)
