"""The short way of hot routes: what matches one is answered here, without the layers that stand before all others.

A compiled route (`compiled.py`) needs no exit stacks and no router, and its answer is whole before it is sent, so the
bound on the body, the gate, the problems and the packing are asked one after the other. What they do is what they do
for every other route; the trace, the metrics and the last word on faults stand around both (`Observed`).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from starlette.convertors import StringConvertor
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http.compression import packing
from shared.http.middleware import BodyBounds
from shared.http.problems import answer_to
from shared.http.routing import PolicedRoute

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Hot:
    """A hot route, with those that come before it and could take the same path."""

    route: PolicedRoute
    answer: Answer
    before: Sequence[Any]

    def parameters(self, path: str) -> dict[str, str] | None:
        """What the path says; None where it is not this route's."""
        found = self.route.path_regex.match(path)
        if found is None or any(other.path_regex.match(path) for other in self.before):
            return None
        return found.groupdict()


class Direct:
    """Answers hot routes; hands everything else on."""

    def __init__(self, app: ASGIApp, served: FastAPI, bounds: BodyBounds) -> None:
        """`served` has all its routes by now: Starlette builds this with the first request."""
        self._app = app
        self._bounds = bounds
        self._hot: dict[tuple[str, int], list[_Hot]] = {}
        for place, route in enumerate(served.router.routes):
            hot = _hot(route, served.router.routes[:place])
            if hot is not None:
                for method in hot.route.methods or ():
                    self._hot.setdefault((method, hot.route.path.count("/")), []).append(hot)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hot = self._find(scope) if scope["type"] == "http" else None
        if hot is None:
            await self._app(scope, receive, send)
            return
        response = await self._response(hot, scope, receive)
        if all(name != b"etag" for name, _ in response.raw_headers):  # such answers may be packed
            send = packing(send, scope)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> _Hot | None:
        path: str = scope["path"]
        for hot in self._hot.get((scope["method"], path.count("/")), ()):
            parameters = hot.parameters(path)
            if parameters is not None:
                scope["route"], scope["path_params"] = hot.route, parameters
                return hot
        return None

    async def _response(self, hot: _Hot, scope: Scope, receive: Receive) -> Response:
        request = Request(scope, receive)
        try:
            if scope["method"] != "GET":
                request = Request(scope, self._bounds.bounded(scope, receive))
            return await hot.answer(request)
        except Exception as fault:
            answer = await answer_to(request, fault)
            if answer is None:
                raise
            return answer


def _hot(route: BaseRoute, before: Sequence[BaseRoute]) -> _Hot | None:
    if not isinstance(route, PolicedRoute) or route.direct is None:
        return None
    if not all(type(each) is StringConvertor for each in route.param_convertors.values()):
        return None
    rivals = [other for other in before if _may_take(other, route)]
    if not all(hasattr(other, "path_regex") for other in rivals):
        return None
    return _Hot(route, route.direct, rivals)


def _may_take(other: Any, route: PolicedRoute) -> bool:
    """Whether a path and method of the route could be the other's too."""
    methods = getattr(other, "methods", None)
    if methods and methods.isdisjoint(route.methods or ()):
        return False
    template = str(getattr(other, "path", ""))
    if ":" in template or not hasattr(other, "path_regex"):  # it may span several segments
        return True
    ours, theirs = route.path.split("/"), template.split("/")
    return len(ours) == len(theirs) and all(
        one == another or "{" in one or "{" in another for one, another in zip(ours, theirs, strict=True)
    )
