"""How long every answer took, by method, route as declared and status; an address that is no route is `-`.

Owns taking the time. Who is told, and what becomes of it, is the caller's: the API knows no metrics.
"""

from collections.abc import Awaitable, Callable
from time import perf_counter

from fastapi import Request
from starlette.responses import Response

Timed = Callable[[str, str, int, float], None]
"""Takes method, route, status and seconds."""
Middleware = Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]

NO_ROUTE = "-"
FAILED = 500


def timing(timed: Timed) -> Middleware:
    """A middleware that tells of every answer, of one that failed too."""

    async def with_time(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        begun, status = perf_counter(), FAILED
        try:
            response = await call_next(request)
            status = response.status_code
            return response
        finally:
            route = getattr(request.scope.get("route"), "path", NO_ROUTE)
            timed(request.method, route, status, perf_counter() - begun)

    return with_time
