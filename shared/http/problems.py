"""RFC 9457 problems: the one place where errors become answers. A 500 never tells a stack."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import asyncpg
import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from shared.db import CONNECTION_LOST, PASSING
from shared.errors import Busy, DomainError, ErrorKind, Invalid, Malformed, NotFound, OutcomeUnknown
from shared.http.bodies import ANSWERED
from shared.http.declared import notice_undeclared, with_dependencies
from shared.repeats import Trouble
from shared.telemetry import current_trace_id, log

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 50
METHOD_NOT_ALLOWED: Final = (405, "method-not-allowed", "This method is not taken here")
INTERNAL: Final = (500, "internal", "Something went wrong on our side")
LONGEST_PART = 100
"""Characters of a field's name in a pointer; names can come from outside."""


class FieldError(BaseModel):
    """One field at fault: a JSON pointer (`#/amount`), or `query/limit`, `path/id`, `header/If-Match`."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ANSWERED
    type: str = Field(examples=["urn:crm:problem:invalid"])
    title: str
    status: int
    detail: str
    slug: str = Field(description="stable, for programs")
    trace_id: str | None = None
    errors: list[FieldError] = []


def problem(
    status: int,
    slug: str,
    title: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    details: Mapping[str, Sequence[str]] | None = None,
) -> Response:
    """A problem as an answer; `details` are the members that only this kind of problem has."""
    body = {
        "type": f"urn:crm:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "slug": slug,
        "trace_id": current_trace_id(),
        "errors": errors or [],
        **(details or {}),
    }
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def from_error(error: DomainError) -> Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    if error.kind is ErrorKind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    errors = [{"pointer": error.pointer, "detail": error.detail}] if error.pointer else []
    return problem(
        error.kind.value, error.slug, error.title, error.detail, errors=errors, headers=headers, details=error.details
    )


_DATABASE = Trouble(log("http"), waits="database fault")
"""While the database is away every request meets it; how many, the metrics say (503)."""


def install_problem_handlers(app: FastAPI) -> None:
    """Maps every exception that can leave a route."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for fault in PASSING:
        app.add_exception_handler(fault, _passing)
    app.add_exception_handler(asyncpg.DataError, _data)
    app.add_exception_handler(ClientDisconnect, _gone)


async def answer_to(request: Request, fault: Exception) -> Response | None:
    """The answer of the handler that is installed for a fault; None where there is none."""
    handlers: Mapping[Any, Any] = request.app.exception_handlers
    for kind in type(fault).__mro__:
        if kind in handlers:
            answer: Response = await handlers[kind](request, fault)
            return answer
    return None


async def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101  registered for this class
    notice_undeclared(request, error)
    return from_error(error)


async def _passing(request: Request, error: Exception) -> Response:
    _DATABASE.met(error)
    changes = request.method not in ("GET", "HEAD")
    if changes and isinstance(error, CONNECTION_LOST):
        return from_error(OutcomeUnknown("the database connection was lost; repeat with the same Idempotency-Key"))
    return from_error(Busy("the database is busy or away for a moment"))


async def _data(_: Request, error: Exception) -> Response:
    log("http").warning("value refused by the database", fault=type(error).__name__)
    return problem(422, Invalid.slug, Invalid.title, "a value is outside of what can be stored")


async def _validation(request: Request, error: Exception) -> Response:
    """Says where and why, never what was sent: that can be a person's data."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class
    faults = error.errors()
    for fault in faults:
        if fault["type"] == "json_invalid" and not any(isinstance(part, str) for part in fault["loc"][1:]):
            return _unreadable(f"the body is no valid JSON ({_json_fault(fault)})")
    found = [
        {"pointer": _pointer(fault["loc"], error.body), "detail": _missing(request, fault) or _spoken(fault["msg"])}
        for fault in faults[:MOST_FAULTS]
    ]
    more = f", the first {MOST_FAULTS} of {len(faults)}" if len(faults) > MOST_FAULTS else ""
    return problem(422, Invalid.slug, Invalid.title, f"see errors for the fields{more}", errors=found)


_BRANCH = re.compile(r"[\[(]")
_QUOTED_BY_PYTHON = re.compile(r"Decimal\('([^']*)'\)|<\w+\.\w+: '([^']*)'>")


def _missing(request: Request, fault: Mapping[str, Any]) -> str | None:
    """Of a value of the query that is not there, what is wanted, as it is described; None of anything else."""
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if fault["type"] != "missing" or fault["loc"][0] != "query" or dependant is None:
        return None
    fields = [field for each in with_dependencies(dependant) for field in each.query_params]
    asked = {field.alias: field.field_info.description for field in fields}
    description = asked.get(fault["loc"][-1])
    return f"required: {description}" if description else None


def _spoken(message: str) -> str:
    """What the validation says, for people who do not read Python."""
    return _QUOTED_BY_PYTHON.sub(lambda found: found[1] or f"'{found[2]}'", message.removeprefix("Value error, "))


def _json_fault(fault: Mapping[str, Any]) -> str:
    """What the parser says; it quotes nothing of the body."""
    where = fault["loc"][-1]
    reason = fault.get("ctx", {}).get("error") or fault["msg"]
    return f"{reason} at character {where}" if isinstance(where, int) else str(reason)


def _unreadable(detail: str) -> Response:
    return problem(400, Malformed.slug, Malformed.title, detail)


def _pointer(location: tuple[str | int, ...], body: object) -> str:
    place, *path = location
    parts = [str(part)[:LONGEST_PART] for part in (_sent(path, body) if place == "body" else path)]
    if place == "body":
        return "#" + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
    return "/".join([str(place), *parts])


def _sent(path: Sequence[str | int], body: object) -> Iterator[str | int]:
    """The path within what was sent, without the branches of the validator's own: which of a union, a dictionary's key.

    The last part may be missing from the body: that is what is told then.
    """
    for place, part in enumerate(path, start=1):
        if _is_in(body, part):
            body = body[part]  # type: ignore[index]  # it is in
        elif (isinstance(body, Mapping | list) and place < len(path)) or _BRANCH.search(str(part)):
            continue
        yield part


def _is_in(body: object, part: str | int) -> bool:
    if isinstance(body, Mapping):
        return part in body
    return isinstance(body, list) and isinstance(part, int) and part < len(body)


async def _gone(_: Request, __: Exception) -> Response:
    """The client hung up before its request was whole; nobody reads this answer."""
    return _unreadable("the request ended before it was whole")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class
    if isinstance(error.__cause__, DomainError):  # FastAPI's own word for any fault while it reads a body
        return await _domain(request, error.__cause__)
    if error.status_code == 400:
        return _unreadable("the body cannot be read: JSON in UTF-8 is expected, or the form that is described here")
    docs = f"/{request.url.path.split('/', 2)[1]}/docs lists what there is"
    if error.status_code == 405:
        allowed = ", ".join(_methods(request))
        detail = f"this path takes {allowed}; {docs}"
        return problem(*METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})
    if error.status_code == 404:
        return problem(404, NotFound.slug, NotFound.title, f"this path leads nowhere; {docs}")
    said = str(error.detail)
    return problem(error.status_code, "refused", said, said, headers=dict(error.headers or {}))


def _methods(request: Request) -> list[str]:
    """What the path takes, over all its routes: Starlette names those of the first alone."""
    routes = (route for route in request.app.router.routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in routes for method in getattr(route, "methods", None) or ()})


def unexpected(fault: Exception) -> Response:
    """The answer to a fault of ours; it is logged here, where it failed and never what it said."""
    log("http").error("unexpected error", fault=type(fault).__name__, exc_info=fault)
    return problem(*INTERNAL, "it has been logged under the trace id")
