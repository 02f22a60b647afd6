"""Retried requests: a change that carries an `Idempotency-Key` is made once, however often it is sent.

Give a router `route_class=OnceRoute` and its changing routes the dependency `KEYED` (which only documents the header).
The key belongs to the caller: the same key with the same request gets the first answer again, with another request it
is refused. What failed or was refused changed nothing and frees its key. Should the process die between the change and
keeping its answer, the retry is tried anew and then refused by the revision that it names: never done twice.
"""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from models.errors import ConflictError, InputError
from models.retries import StoredAnswer, Turn
from review_api.desk import SAFE_METHODS, desk, gate, signed_in

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 128
# Headers that belong to an answer and are given again with it.
KEPT_HEADERS = ("content-type", "etag", "location")
PATIENCE_S = 10.0
PAUSE_S = 0.05

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
        response = await handle(request)
    except Exception:
        await run_in_threadpool(retries.abandon, *place)
        raise
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = StoredAnswer(status=response.status_code, headers=headers, body=bytes(response.body))
    await run_in_threadpool(retries.finish, *place, answer)
    return response


async def _turn(request: Request, place: tuple[str, str, str], named: str) -> StoredAnswer | Turn:
    """This request's turn, or the answer that another got meanwhile. Raises `ConflictError` when the other takes too
    long, `InputError` when the key names another request."""
    at_desk = desk(request)
    waited = 0.0
    while True:
        turn = await run_in_threadpool(at_desk.store.retries.begin, *place, named, at=at_desk.clock())
        if turn is not Turn.ANOTHERS:
            return turn
        if waited >= PATIENCE_S:
            raise ConflictError(
                "the same request is still being worked on", where=HEADER, mend="send it again in a moment"
            )
        await asyncio.sleep(PAUSE_S)
        waited += PAUSE_S


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
