"""Headers: what every answer carries to keep browsers from doing more than they should."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.responses import Response

# What every answer carries unless its route says otherwise: only our own files, no frames, no sniffing, no referrer.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
STATIC_CACHING = "public, max-age=31536000, immutable"


def protect(response: Response) -> Response:
    """The response with every header that its route did not set itself."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Middleware: protect every answer; let browsers keep static files, whose address changes with their content."""
    response = await call_next(request)
    if request.url.path.startswith("/static/"):
        response.headers["Cache-Control"] = STATIC_CACHING if request.url.query else "public, max-age=300"
    return protect(response)
