"""Retried requests: a change that carries an `Idempotency-Key` is made once, however often it is sent.

Give a router `route_class=OnceRoute` and its changing routes the dependency `KEYED` (which only documents the header).
The key belongs to the caller: the same key with the same request gets the first answer again, with another request it
is refused. What failed or was refused changed nothing and frees its key. Whoever works on a request gives signs of
life; should its process die between the change and keeping its answer, a retry waits until they have stopped, is tried
anew and then refused by the revision that it names: never done twice.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

import structlog
from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from models.errors import ConflictError, InputError, TransientFault, told
from models.retries import RENEW_S, STALE_S, StoredAnswer, Turn
from review_api.desk import SAFE_METHODS, desk, gate, signed_in

log = structlog.get_logger("review_api")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 128
# Headers that belong to an answer and are given again with it.
KEPT_HEADERS = ("content-type", "etag", "location")
# A retry waits for longer than a dead worker is taken to live, and looks ever less often.
PATIENCE_S = STALE_S + 5.0
PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OnceRoute(APIRoute):
    """A route whose changes heed the key."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method in SAFE_METHODS:
                return await handle(request)
            return await _once(request, _readable(key), handle)

        return once


async def _once(request: Request, key: str, handle: Handler) -> Response:
    named = await _digest(request)
    await gate(request)
    caller, retries = signed_in(request), desk(request).store.retries
    place = (caller.organisation_id, caller.account.account_id, key)
    turn = await _turn(request, place, named)
    if isinstance(turn, StoredAnswer):
        return Response(turn.body, turn.status, {**turn.headers, REPLAYED: "true"})
    try:
        async with _signs_of_life(request, place):
            response = await handle(request)
    except Exception:
        # Where the key cannot be freed, it frees itself: nobody gives a sign of life any more. What went wrong is told.
        with suppress(TransientFault):
            await run_in_threadpool(retries.abandon, *place)
        raise
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = StoredAnswer(status=response.status_code, headers=headers, body=bytes(response.body))
    try:
        await run_in_threadpool(retries.finish, *place, answer)
    except TransientFault as fault:  # the change is made, and saying otherwise would have it made again
        log.warning("answer not kept", path=request.url.path, error=told(fault))
    return response


@asynccontextmanager
async def _signs_of_life(request: Request, place: tuple[str, str, str]) -> AsyncIterator[None]:
    """Tell, while the block lasts, that the request is being worked on."""
    at_desk = desk(request)

    async def give() -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            with suppress(TransientFault):
                await run_in_threadpool(at_desk.store.retries.renew, *place, at=at_desk.clock())

    giving = asyncio.create_task(give())
    try:
        yield
    finally:
        giving.cancel()
        with suppress(asyncio.CancelledError):
            await giving


async def _turn(request: Request, place: tuple[str, str, str], named: str) -> StoredAnswer | Turn:
    """This request's turn, or the answer that another got meanwhile. Raises `ConflictError` when the other takes too
    long, `InputError` when the key names another request."""
    at_desk = desk(request)
    waited, pause_s = 0.0, PAUSE_S
    while True:
        turn = await run_in_threadpool(at_desk.store.retries.begin, *place, named, at=at_desk.clock())
        if turn is not Turn.ANOTHERS:
            return turn
        if waited >= PATIENCE_S:
            raise ConflictError(
                "the same request is still being worked on", where=HEADER, mend="send it again in a moment"
            )
        await asyncio.sleep(pause_s)
        waited, pause_s = waited + pause_s, min(pause_s * 2, LONGEST_PAUSE_S)


async def _digest(request: Request) -> str:
    """Names the request: what is asked for, on what state, with which body."""
    state = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query, request.headers.get("if-match", "")):
        state.update(part.encode("utf-8", "replace") + b"\x00")
    state.update(await request.body())
    return state.hexdigest()


def _readable(key: str) -> str:
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InputError(f"an idempotency key has 1 to {LONGEST_KEY} printable ASCII characters", where=HEADER)
    return key


def _documented(
    key: Annotated[
        str | None,
        Header(alias=HEADER, description="Names this request: a retry with the same key gets the same answer"),
    ] = None,
) -> None:
    """The header as the API's document shows it."""


KEYED = [Depends(_documented)]
