"""Requests that name a customer who was merged are taken for the one who is kept (docs/decisions/merging.md).

The id may stand in the path, as `customer_id` in the query, or as `customer_id` in the JSON of the body. What the
request says otherwise is checked as ever: the caller sees of the kept customer what they may see.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote
from uuid import UUID

import asyncpg
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import aliases
from shared.alias_memory import Aliases
from shared.db import PASSING, Database
from shared.errors import DomainError
from shared.telemetry import log

LONGEST: Final = 1_000_000
"""Bytes of a body that is looked into; what is longer is a file."""
_ID: Final = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"
_IN_PATH: Final = re.compile(f"(?<=/)({_ID})(?=/|$)")
_IN_QUERY: Final = re.compile(f"((?:^|&)customer_id=)({_ID})(?=&|$)")
_IN_BODY: Final = re.compile(f'("customer_id"\\s*:\\s*")({_ID})(?=")'.encode())
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
            if _ask_for_kept(scope, known):
                send = _with_location(scope, send)
            if scope["method"] not in ("GET", "HEAD"):
                receive = await _saying_kept(scope, receive, known)
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
    scope["path"], scope["raw_path"], scope["query_string"] = path, quote(path).encode(), query
    return True


async def _saying_kept(scope: Scope, receive: Receive, known: Aliases) -> Receive:
    """The same for a body; one that is too long, or never comes, is left as it is."""
    first = await receive()
    body, whole = first.get("body", b""), not first.get("more_body", False)
    taken = [first]
    while not whole and taken[-1]["type"] == "http.request" and len(body) <= LONGEST:
        taken.append(await receive())
        body += taken[-1].get("body", b"")
        whole = not taken[-1].get("more_body", False)
    said = _IN_BODY.sub(lambda found: found[1] + _kept(found[2].decode(), known).encode(), body)
    if not whole or said == body or taken[-1]["type"] != "http.request":
        return _replaying(taken, receive)
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
    scope["headers"] = [*headers, (b"content-length", str(len(said)).encode())]
    return _replaying([{**first, "body": said, "more_body": False}], receive)


def _replaying(taken: list[Message], receive: Receive) -> Receive:
    left = iter(taken)

    async def replay() -> Message:
        return next(left, None) or await receive()

    return replay


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
