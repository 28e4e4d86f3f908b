"""What an operation can be refused with: what it declares, and what its shape and its policy bring along.

An operation says with `@raises` which errors of the domain its use case raises. The rest follows from the method, the
parameters, the body and the policy, and is computed when the service starts: nothing is done per request.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute
from prometheus_client import Counter

from shared.auth.policy import ADMIN_ONLY, Access, PolicyTable
from shared.departed import HasLeft
from shared.errors import (
    Busy,
    DomainError,
    Forbidden,
    Invalid,
    Malformed,
    OutcomeUnknown,
    PreconditionRequired,
    Stale,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unsupported,
)
from shared.idempotency import AnswerForgotten, KeyInProgress, KeyReused
from shared.purposes import UnknownPurpose
from shared.telemetry import log

E = TypeVar("E", bound=Callable[..., Any])
Errors: TypeAlias = frozenset[type[DomainError]]

UNDECLARED: Final = Counter(
    "crm_undeclared_errors_total", "Errors that an operation does not declare", ["service", "operation", "slug"]
)

_MARK: Final = "_raises"
_ANYWHERE: Final = frozenset({TooMany, Busy, Invalid})
"""A query parameter that is none is invalid everywhere."""
_WITH_A_TOKEN: Final = frozenset({Unauthenticated, Forbidden, HasLeft, UnknownPurpose})
_WITH_A_CURSOR: Final = frozenset({Malformed})
_WITH_IF_MATCH: Final = frozenset({Malformed, PreconditionRequired, Stale})
_WITH_A_BODY: Final = frozenset({Malformed, Invalid})
_WITH_JSON: Final = frozenset({Unsupported})
_UNLESS_READING: Final = frozenset({TooLarge, OutcomeUnknown})
_ON_POST: Final = frozenset({AnswerForgotten, Invalid, KeyInProgress, KeyReused})


def raises(*errors: type[DomainError]) -> Callable[[E], E]:
    """Marks an operation with the errors it raises beyond what its shape implies; stands under the route."""

    def mark(endpoint: E) -> E:
        setattr(endpoint, _MARK, frozenset(errors))
        return endpoint

    return mark


def declared_by(endpoint: Callable[..., Any]) -> Errors:
    """What `@raises` says; nothing without it."""
    errors: Errors = getattr(endpoint, _MARK, frozenset())
    return errors


def implied_by(route: APIRoute, access: Access) -> Errors:
    """What no operation of this shape needs to declare.

    A body that is too large is refused whatever the route makes of it, and a key is taken on any POST.
    """
    methods, query, headers = route.methods or set(), _names(route, "query"), _names(route, "header")
    shape = (
        (_ANYWHERE, True),
        (_WITH_A_TOKEN, not access.public),
        (_WITH_A_CURSOR, "cursor" in query),
        (_WITH_IF_MATCH, "If-Match" in headers),
        (_WITH_A_BODY, route.body_field),
        (_WITH_JSON, takes_json(route)),
        (_UNLESS_READING, not methods <= {"GET", "HEAD"}),
        (_ON_POST, "POST" in methods),
    )
    return frozenset().union(*(errors for errors, has_it in shape if has_it))


def takes_json(route: APIRoute) -> bool:
    return route.body_field is not None and not isinstance(route.body_field.field_info, Form)


def _names(route: APIRoute, place: str) -> set[str]:
    """The parameters of a route in one place, those of its dependencies included."""
    return {field.alias for each in with_dependencies(route.dependant) for field in getattr(each, f"{place}_params")}


def with_dependencies(dependant: Dependant) -> Iterator[Dependant]:
    """A route's own parameters, and those of what it depends on."""
    yield dependant
    for each in dependant.dependencies:
        yield from with_dependencies(each)


def keep_errors(app: FastAPI, policy: PolicyTable) -> Mapping[str, Errors]:
    """Operation -> everything it can be refused with; the app remembers it for `notice_undeclared`."""
    errors = {
        route.name: declared_by(route.endpoint) | implied_by(route, policy.get(route.name, ADMIN_ONLY))
        for route in app.routes
        if isinstance(route, APIRoute)
    }
    app.state.errors = errors
    return errors


def notice_undeclared(request: Request, error: DomainError) -> None:
    """Counts and logs what is missing in the description, on which callers rely; only errors come here."""
    operation = getattr(request.scope.get("route"), "name", "")
    errors: Errors | None = request.app.state.errors.get(operation)
    if errors is not None and error.slug not in {each.slug for each in errors}:
        UNDECLARED.labels(request.app.state.service.name, operation, error.slug).inc()
        log("http").warning("undeclared error", operation=operation, slug=error.slug)
