"""Requests that name a customer who was merged are taken for the one who is kept (docs/decisions/merging.md).

The id may stand in the path, as `customer_id` in the query, or as `customer_id` in the JSON of the body, which the
route has looked into once it knows who asks (`of_kept`). What the request says otherwise is checked as ever: the caller
sees of the kept customer what they may see.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import aliases
from shared.alias_memory import Aliases
from shared.db import PASSING, Database
from shared.errors import DomainError
from shared.telemetry import log

_ID: Final = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"
_IN_PATH: Final = re.compile(f"(?<=/)({_ID})(?=/|$)")
_IN_QUERY: Final = re.compile(f"((?:^|&)customer_id=)({_ID})(?=&|$)")
_IN_BODY: Final = re.compile(f'("(?:referred_by_)?customer_id"\\s*:\\s*")({_ID})(?=")'.encode())
_KNOWN: Final = "crm.merged"
_ASKED: Final = "crm.asked"
_AS_THEY_ARE: Final = ("/merge", "/unmerge", "/merges")
"""Ends of paths where the merged customer itself is meant."""


class MergedCustomers:
    """Gives such requests the id of the customer who is kept; of an answer that is another one's, `Content-Location`
    says whose."""

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self._app = app
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_name_somebody(scope):
            await self._app(scope, receive, send)
            return
        known = await self._known()
        if known:
            scope[_KNOWN] = known
            if _ask_for_kept(scope, known):
                send = _with_location(scope, send)
        await self._app(scope, receive, send)

    async def _known(self) -> Aliases:
        """Those known last where the database cannot be asked: what needs it will say so."""
        try:
            return await aliases.known(self._database)
        except (*PASSING, asyncpg.PostgresError, DomainError) as fault:
            log("merged").warning("aliases.unread", fault=type(fault).__name__)
            return self._database.aliases.known


def _may_name_somebody(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["path"].endswith(_AS_THEY_ARE):
        return False
    return (
        scope["method"] not in ("GET", "HEAD")
        or b"customer_id=" in scope["query_string"]
        or _IN_PATH.search(scope["path"]) is not None
    )


def _ask_for_kept(scope: Scope, known: Aliases) -> bool:
    """Puts the ids of those who are kept into path and query; whether anything is other than before."""
    path = _IN_PATH.sub(lambda found: _kept(found[1], known), scope["path"])
    asked = scope["query_string"].decode("latin-1")
    query = _IN_QUERY.sub(lambda found: found[1] + _kept(found[2], known), asked).encode("latin-1")
    if path == scope["path"] and query == scope["query_string"]:
        return False
    scope[_ASKED] = scope["path"], scope["query_string"]
    scope["path"], scope["raw_path"], scope["query_string"] = path, quote(path).encode(), query
    return True


async def of_kept(request: Request) -> Request:
    """The same request, whose JSON says the id of the kept one: asked once it is known who asks, and what may come."""
    known: Aliases | None = request.scope.get(_KNOWN)
    if not known:
        return request
    body = await request.body()
    said = _IN_BODY.sub(lambda found: found[1] + _kept(found[2].decode(), known).encode(), body)
    return request if said == body else Request(request.scope, _saying(said, request.receive))


def asked(scope: Scope) -> tuple[str, bytes]:
    """Path and query as they were asked: a request is the same after a merge as before."""
    path, query = scope.get(_ASKED, (scope["path"], scope["query_string"]))
    return path, query


def _saying(body: bytes, receive: Receive) -> Receive:
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def say() -> Message:
        return left.pop() if left else await receive()

    return say


def _kept(id_: str, known: Mapping[UUID, UUID]) -> str:
    kept = known.get(UUID(id_))
    return id_ if kept is None else str(kept)


def _with_location(scope: Scope, send: Send) -> Send:
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    location = (b"content-location", f"{scope['raw_path'].decode('latin-1')}{query}".encode("latin-1"))

    async def located(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] < 300:
            message["headers"] = [*message.get("headers", ()), location]
        await send(message)

    return located
