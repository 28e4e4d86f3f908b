"""The route class of every service: token, policy, rate limit and idempotency stand before each operation."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeAlias, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from shared import purposes
from shared.auth.policy import PolicyTable
from shared.auth.principal import Principal
from shared.auth.tokens import TokenVerifier
from shared.db import Database
from shared.departed import Departed
from shared.errors import Unauthenticated, Unsupported
from shared.http.compiled import answer_with, is_compiled
from shared.http.declared import takes_json
from shared.http.idempotency import key_of, once
from shared.http.merged import of_kept
from shared.http.questions import Questions
from shared.idempotency import IdempotencyKey
from shared.limits import RateLimits
from shared.personal import Vault

E = TypeVar("E", bound=Callable[..., Any])
Presence: TypeAlias = Callable[[], Awaitable[None]]
_OWN = "_settles_idempotency_itself"
_STREAMS = "_streams_its_body"


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands before the routes of a service."""

    policy: PolicyTable
    verifier: TokenVerifier
    limits: RateLimits
    departed: Departed
    database: Database
    answers: Vault


def settles_idempotency_itself(endpoint: E) -> E:
    """Marks an operation that claims the key within its own statement (hot paths)."""
    setattr(endpoint, _OWN, True)
    return endpoint


def streams_its_body(endpoint: E) -> E:
    """Marks an upload: it settles the key itself and adds the content to its fingerprint while it comes in."""
    setattr(endpoint, _STREAMS, True)
    return settles_idempotency_itself(endpoint)


class PolicedRoute(APIRoute):
    """Checks the caller, then what the query asks, before FastAPI reads anything else of the request."""

    direct: Callable[[Request], Coroutine[Any, Any, Response]] | None = None
    """How a compiled route is answered without anything of FastAPI's (`direct.py`)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = self._handle()
        operation = self.operation_id or self.name
        may_repeat = "POST" in (self.methods or ())
        reads_json = takes_json(self)
        own = getattr(self.endpoint, _OWN, False)
        streams = getattr(self.endpoint, _STREAMS, False)
        questions = Questions.of(self.dependant)

        async def policed(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            principal = await _admit(request, gate, operation)
            purposes.state(request.headers.get(purposes.HEADER))
            if request.scope["query_string"]:
                questions.check(request)
            if reads_json:
                _expect_json(request)
            asked = request
            if reads_json:
                request = await of_kept(request)
            if not may_repeat:
                return await handle(request)
            key = await key_of(asked, principal, operation, whole=not streams)
            if key is None:
                return await handle(request)
            if own:
                request.scope["crm.idempotency_key"] = key
                return await handle(request)
            return await once(key, gate.database, gate.answers, lambda: handle(request))

        self.direct = policed if is_compiled(self.endpoint) else None
        return policed

    def _handle(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        if is_compiled(self.endpoint):
            return answer_with(self.endpoint, self.path)
        return super().get_route_handler()


async def _admit(request: Request, gate: Gate, operation: str) -> Principal | None:
    access = gate.policy[operation]
    if access.public:
        gate.limits.count_address(request.scope)
        return None
    try:
        principal = await gate.verifier.verify(_bearer(request))
    except Unauthenticated:
        gate.limits.count_address(request.scope)
        raise
    gate.limits.count(principal, request.scope)
    await gate.departed.check(principal)
    access.check(principal)
    request.scope["crm.principal"] = principal
    return principal


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("send the header Authorization: Bearer <token>")
    return token.strip()


def _expect_json(request: Request) -> None:
    """Raises Unsupported for a body that does not say it is JSON; no body at all is the validation's matter."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Unsupported("send JSON with the header Content-Type: application/json")


async def _principal(request: Request) -> Principal:
    principal: Principal = request.scope["crm.principal"]
    return principal


async def _idempotency_key(request: Request) -> IdempotencyKey | None:
    return request.scope.get("crm.idempotency_key")


async def _presence(request: Request) -> Presence:
    gate: Gate = request.app.state.gate
    principal: Principal = request.scope["crm.principal"]
    return partial(gate.departed.check, principal)


Caller = Annotated[Principal, Depends(_principal)]
StillHere = Annotated[Presence, Depends(_presence)]
"""Asks again whether the caller has left, for answers that go on for long; raises HasLeft."""
OwnIdempotencyKey = Annotated[IdempotencyKey | None, Depends(_idempotency_key)]


def router(prefix: str, tag: str) -> APIRouter:
    """A router of policed routes, such as router("/customers/v1", "archive")."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=PolicedRoute,
        generate_unique_id_function=_operation_id,
    )


def _operation_id(route: APIRoute) -> str:
    return route.name
