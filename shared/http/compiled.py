"""Hot routes: what is the same for every request is done once at start.

FastAPI resolves an endpoint's parameters and dependencies anew for each request, which costs more than most of our
queries. An endpoint marked `@compiled` is described by FastAPI like any other, while its parameters are read by
validators that were built with the route. Such an endpoint answers with a Response and takes path and query
parameters, one JSON body, and dependencies that ask nothing but the request; anything else is refused at start.
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_type_hints

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends as Dependency
from fastapi.params import Query
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.responses import Response

E = TypeVar("E", bound=Callable[..., Any])
Answer = Callable[[Request], Coroutine[Any, Any, Response]]
_MARK = "_compiled"
_REQUIRED = inspect.Parameter.empty


def compiled(endpoint: E) -> E:
    """Marks a hot route."""
    setattr(endpoint, _MARK, True)
    return endpoint


def is_compiled(endpoint: Callable[..., Any]) -> bool:
    return getattr(endpoint, _MARK, False)


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A path or query parameter."""

    name: str
    place: str
    adapter: TypeAdapter[Any]
    default: Any

    def read(self, given: Mapping[str, str]) -> Any:
        value = given.get(self.name)
        if value is None and self.default is not _REQUIRED:
            return self.default
        return self.adapter.validate_python(value)


@dataclass(frozen=True, slots=True)
class _Dependency:
    """What is asked of the request, perhaps with query parameters of its own."""

    name: str
    ask: Callable[..., Awaitable[Any]]
    query: tuple[_Parameter, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How an endpoint's arguments are read."""

    path: tuple[_Parameter, ...]
    query: tuple[_Parameter, ...]
    given: tuple["_Dependency", ...]
    body: tuple[str, TypeAdapter[Any], bool] | None
    """Its argument, and whether it may be left out."""

    async def arguments(self, request: Request) -> dict[str, Any]:
        """Raises RequestValidationError with every parameter at fault, as FastAPI would."""
        arguments: dict[str, Any] = {}
        faults: list[Any] = []
        if self.path:
            _read(self.path, request.path_params, arguments, faults)
        if self.query:
            _read(self.query, request.query_params if request.scope["query_string"] else {}, arguments, faults)
        if self.body is not None:
            await _read_body(*self.body, request, arguments, faults)
        asked: list[dict[str, Any]] = [{} for _ in self.given]
        for dependency, own in zip(self.given, asked, strict=True):
            if dependency.query:
                _read(dependency.query, request.query_params if request.scope["query_string"] else {}, own, faults)
        if faults:
            raise RequestValidationError(faults)
        for dependency, own in zip(self.given, asked, strict=True):
            arguments[dependency.name] = await dependency.ask(request, **own)
        return arguments


def answer_with(endpoint: Callable[..., Awaitable[Response]], path: str) -> Answer:
    """The request handler of a compiled endpoint. Raises TypeError for a signature that cannot be compiled."""
    plan = _plan(endpoint, path)

    async def answer(request: Request) -> Response:
        return await endpoint(**await plan.arguments(request))

    return answer


def _plan(endpoint: Callable[..., Any], path: str) -> _Plan:
    hints = get_type_hints(endpoint, include_extras=True)
    in_path: list[_Parameter] = []
    in_query: list[_Parameter] = []
    given: list[_Dependency] = []
    bodies: list[tuple[str, TypeAdapter[Any], bool]] = []
    for name, parameter in inspect.signature(endpoint).parameters.items():
        hint = hints[name]
        if f"{{{name}}}" in path:
            in_path.append(_Parameter(name, "path", TypeAdapter(hint), _REQUIRED))
        elif dependency := _dependency(name, hint):
            given.append(dependency)
        elif _is_query(hint):
            in_query.append(_Parameter(name, "query", TypeAdapter(hint), parameter.default))
        elif _is_body(hint):
            bodies.append((name, TypeAdapter(hint), parameter.default is None))
        else:
            raise TypeError(f"{endpoint.__name__} cannot be compiled: what is {name}?")
    if len(bodies) > 1:
        raise TypeError(f"{endpoint.__name__} cannot be compiled: it takes more than one body")
    return _Plan(tuple(in_path), tuple(in_query), tuple(given), bodies[0] if bodies else None)


def _dependency(name: str, hint: Any) -> _Dependency | None:
    for each in get_args(hint):
        if isinstance(each, Dependency):
            ask = each.dependency
            if ask is None or not inspect.iscoroutinefunction(ask):
                raise TypeError(f"{ask} asks for more than the request")
            return _Dependency(name, ask, _own_query(ask))
    return None


def _own_query(ask: Callable[..., Any]) -> tuple[_Parameter, ...]:
    """The query parameters that a dependency takes beside the request. Raises TypeError for anything else."""
    hints = get_type_hints(ask, include_extras=True)
    first, *others = inspect.signature(ask).parameters.values()
    if hints[first.name] is not Request or not all(_is_query(hints[each.name]) for each in others):
        raise TypeError(f"{ask} asks for more than the request")
    return tuple(_Parameter(each.name, "query", TypeAdapter(hints[each.name]), each.default) for each in others)


def _is_query(hint: Any) -> bool:
    return any(isinstance(each, Query) for each in get_args(hint))


def _read(
    parameters: tuple[_Parameter, ...], given: Mapping[str, str], arguments: dict[str, Any], faults: list[Any]
) -> None:
    for parameter in parameters:
        try:
            arguments[parameter.name] = parameter.read(given)
        except ValidationError as fault:
            faults += _at((parameter.place, parameter.name), fault)


async def _read_body(
    name: str,
    adapter: TypeAdapter[Any],
    optional: bool,
    request: Request,
    arguments: dict[str, Any],
    faults: list[Any],
) -> None:
    content = await request.body()
    if not content:
        if not optional:
            faults.append({"type": "missing", "loc": ("body",), "msg": "Field required"})
        arguments[name] = None
        return
    try:
        arguments[name] = adapter.validate_json(content)
    except ValidationError as fault:
        faults += _at(("body",), fault)


def _is_body(hint: Any) -> bool:
    """A model, or a model that may be left out."""
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] or [hint]
    return len(kinds) == 1 and inspect.isclass(kinds[0]) and issubclass(kinds[0], BaseModel)


def _at(place: tuple[str, ...], fault: ValidationError) -> list[Any]:
    found = fault.errors(include_url=False, include_context=False, include_input=False)
    return [{**each, "loc": (*place, *each["loc"])} for each in found]
