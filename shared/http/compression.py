"""gzip for clients that ask for it: whole lists, reports and files of text, as they come.

Not what is small, nor what has an ETag (that names these very bytes, and clients send it back in If-Match), nor event
streams, which must not wait for more. What would hold the loop is packed in a thread.
"""

import asyncio
import re
import zlib
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST: Final = 1_000
"""Bytes; below this the headers cost what packing saves."""
IN_A_THREAD: Final = 16_384
"""Bytes from which a thread packs: so many take a third of a millisecond."""
_LEVEL: Final = 4
_GZIP: Final = 16 + zlib.MAX_WBITS
_PACKED: Final = frozenset({"application/json", "application/problem+json", "text/csv", "text/html", "text/plain"})
_ASKED: Final = re.compile(r"(?:^|[,\s])gzip\s*(?:;\s*q=(?P<quality>[0-9.]+)\s*)?(?:,|$)", re.IGNORECASE)


class Compressed:
    """Packs the answers of an app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, packing(send, scope) if scope["type"] == "http" else send)


def packing(send: Send, scope: Scope) -> Send:
    """Where the messages of an answer to this request go that is to be packed if it may be."""
    return send if scope["method"] == "HEAD" else _Answer(send, scope).send


class _Answer:
    """One answer on its way: the start of one that may be packed waits for the body, which says how much there is."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._scope = scope
        self._start: Message | None = None
        self._packer: zlib._Compress | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _may_be_packed(message):
            self._start = {**message, "headers": list(message["headers"])}
        elif self._start is not None:
            await self._begin(self._start, message)
        elif self._packer is not None:
            await self._send(await _packed(self._packer, message))
        else:
            await self._send(message)

    async def _begin(self, start: Message, first: Message) -> None:
        self._start = None
        headers, whole = MutableHeaders(raw=start["headers"]), not first.get("more_body", False)
        if not whole or len(first.get("body", b"")) >= SMALLEST:
            headers.add_vary_header("Accept-Encoding")
            if asks_for_gzip(_first(self._scope["headers"], b"accept-encoding")):
                self._packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
                headers["Content-Encoding"] = "gzip"
                first = await _packed(self._packer, first)
                if whole:
                    headers["Content-Length"] = str(len(first["body"]))
        await self._send(start)
        await self._send(first)


def asks_for_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not with the quality 0."""
    found = _ASKED.search(accepted)
    return found is not None and (found["quality"] or "1").strip("0.") != ""


async def _packed(packer: "zlib._Compress", message: Message) -> Message:
    content, more = message.get("body", b""), message.get("more_body", False)
    if len(content) < IN_A_THREAD:
        return {**message, "body": _pack(packer, content, more)}
    return {**message, "body": await asyncio.to_thread(_pack, packer, content, more)}


def _pack(packer: "zlib._Compress", content: bytes, more: bool) -> bytes:
    packed = packer.compress(content)
    return packed if more else packed + packer.flush()


def _may_be_packed(start: Message) -> bool:
    headers = start.get("headers", ())
    if any(name in (b"etag", b"content-encoding") for name, _ in headers):
        return False
    return _first(headers, b"content-type").partition(";")[0] in _PACKED


def _first(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """The first header of this name, in lower case as ASGI gives names; empty without one."""
    return next((value.decode("latin-1") for each, value in headers if each == name), "")
