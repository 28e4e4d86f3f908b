"""Plain ASGI around every service: the trace, the metrics, what is left of the rate, the last word on faults, and a
bound on requests."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from opentelemetry.trace import SpanKind
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import TooLarge, TooMany
from shared.http.problems import MEDIA_TYPE, from_error, unexpected
from shared.limits import rate_headers
from shared.service import ProblemPage
from shared.telemetry import REQUEST_SECONDS, REQUESTS, SERVING, Stopwatch, span

_PROBLEM: Final = MEDIA_TYPE.encode()
_KEPT: Final = (b"retry-after", b"ratelimit", b"ratelimit-policy")
"""What the headers of a problem say that holds for the page too."""
_LENGTH = re.compile("[0-9]{1,18}")


class Observed:
    """Continues the caller's trace and counts requests by operation and status; log lines name the service.

    An exception that nobody expected becomes a problem here, inside the trace, so that answer and log carry its id.
    """

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service
        self._counters: dict[tuple[str, int], Any] = {}
        self._timers: dict[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watch = Stopwatch()
        status = 0
        serving = SERVING.set(self._service)

        async def watch_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *rate_headers(scope)]
            await send(message)

        with span(
            f"{self._service} {scope['method']}",
            parent=_header(scope, b"traceparent"),
            kind=SpanKind.SERVER,
        ):
            try:
                await self._app(scope, receive, watch_status)
            except Exception as fault:
                answer = unexpected(fault)
                if status:  # too late for another answer: the server breaks the connection off
                    raise
                await answer(scope, receive, watch_status)
            finally:
                self._count(scope, status or 500, watch.seconds)
                SERVING.reset(serving)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        operation = getattr(scope.get("route"), "name", None) or "none"
        counter = self._counters.get((operation, status))
        if counter is None:
            counter = self._counters[operation, status] = REQUESTS.labels(self._service, operation, str(status))
            self._timers[operation] = REQUEST_SECONDS.labels(self._service, operation)
        counter.inc()
        self._timers[operation].observe(seconds)


class BodyBounds:
    """How large a body may be."""

    def __init__(self, most: int, larger: Mapping[str, int]) -> None:
        """`larger` are the bounds of paths, or of templates such as /complaints/{id}/files."""
        self._most = most
        self._larger = [(compile_path(path)[0], bound) for path, bound in larger.items()]

    def bounded(self, scope: Scope, receive: Receive) -> Receive:
        """Gives the body and no more. Raises TooLarge as soon as that is known, by what it says or by what comes."""
        most = self._bound(scope["path"])
        length = _header(scope, b"content-length")
        if length is None or not _LENGTH.fullmatch(length):
            return _counted(receive, most)
        if int(length) > most:
            raise TooLarge(f"at most {most} bytes are taken here")
        return receive  # the server takes no more than was said

    def _bound(self, path: str) -> int:
        return next((bound for pattern, bound in self._larger if pattern.match(path)), self._most)


class BodyBound:
    """Answers 413 as soon as a body is larger than allowed, whether it says its length or not."""

    def __init__(self, app: ASGIApp, bounds: BodyBounds) -> None:
        self._app = app
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            try:
                receive = self._bounds.bounded(scope, receive)
            except TooLarge as fault:
                return await from_error(fault)(scope, receive, send)
        return await self._app(scope, receive, send)


class Unpoliced:
    """Counts what is asked without a token and without the gate: at `paths` and below them, by address."""

    def __init__(self, app: ASGIApp, paths: Sequence[str]) -> None:
        self._app = app
        self._paths = tuple(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._paths):
            try:
                scope["app"].state.gate.limits.count_address(scope)
            except TooMany as fault:
                return await from_error(fault)(scope, receive, send)
        return await self._app(scope, receive, send)


class ProblemsAsPages:
    """Answers a page where a problem would be, at the paths that people open in a browser."""

    def __init__(self, app: ASGIApp, pages: Mapping[str, ProblemPage]) -> None:
        """`pages`: beginning of a path -> who makes the page."""
        self._app = app
        self._pages = tuple(pages.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = next((told for root, told in self._pages if _is_below(scope, root)), None)
        if told is None:
            await self._app(scope, receive, send)
            return
        instead: Response | None = None

        async def send_page(message: Message) -> None:
            nonlocal instead
            if message["type"] == "http.response.start" and _is_problem(message):
                instead = told(Request(scope), message["status"])
                instead.raw_headers.extend(each for each in message["headers"] if each[0].lower() in _KEPT)
                await instead(scope, receive, send)
            elif instead is None:  # what follows a problem's beginning is its body
                await send(message)

        await self._app(scope, receive, send_page)


def _is_below(scope: Scope, root: str) -> bool:
    return scope["type"] == "http" and str(scope["path"]).startswith(root)


def _is_problem(start: Message) -> bool:
    headers: Iterable[tuple[bytes, bytes]] = start["headers"]
    return any(name.lower() == b"content-type" and value.startswith(_PROBLEM) for name, value in headers)


def _counted(receive: Receive, most: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise TooLarge(f"at most {most} bytes are taken here")
        return message

    return counted


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None
