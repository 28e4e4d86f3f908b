"""What can be changed can be changed by what can be read (decision 26): its ETag, or its version in a list."""

from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest
from fastapi import APIRouter, Response
from fastapi.routing import APIRoute

from shared.http.declared import with_dependencies
from shared.http.preconditions import answers_etag, etag, set_etag
from shared.settings import SERVICES, ServiceName
from tests.architecture.meanings import function_of
from tests.architecture.uses import Code, modules_of
from tests.contracts.descriptions import description


def _wants_if_match(operation: dict[str, Any]) -> bool:
    return any(each.get("name", "").lower() == "if-match" for each in operation.get("parameters", ()))


def _listed(spec: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The fields of an item, or of the answer, where the path without its last part is read."""
    parent = path.rsplit("/", 1)[0]
    answer = spec["paths"].get(parent, {}).get("get", {}).get("responses", {}).get("200", {})
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    schema = _resolved(spec, schema)
    items = schema if schema.get("type") == "array" else schema.get("properties", {}).get("items", {})
    fields: dict[str, Any] = _resolved(spec, _resolved(spec, items).get("items", {})).get("properties", {})
    return fields


def _resolved(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


@pytest.mark.parametrize("service", SERVICES)
def test_what_wants_if_match_says_its_version(service: ServiceName) -> None:
    spec = description(service)
    changed = [
        path
        for path, methods in spec["paths"].items()
        if path.endswith("}") and "get" not in methods and _wants_if_match(methods.get("patch", {}))
    ]
    silent = [path for path in changed if (fields := _listed(spec, path)) is not None and "version" not in fields]
    assert silent == []


# ---------------------------------------------------------------------------- ETag and If-Match are declared


def _routes(package: str) -> list[APIRoute]:
    things = [each for module in modules_of(package) for each in vars(module).values()]
    routers = {id(each): each for each in things if isinstance(each, APIRouter)}
    routes = [each for router in routers.values() for each in router.routes if isinstance(each, APIRoute)]
    return [each for each in routes if each.include_in_schema]


def _gives_etag(code: Code, endpoint: Callable[..., Any]) -> bool:
    """Whether an ETag is reached from an operation through functions of routes, by their source."""
    start = function_of(endpoint)
    waiting, seen = [start] if start else [], set[FunctionType]()
    while waiting:
        function = waiting.pop()
        if function in (etag, set_etag):
            return True
        if function not in seen and (function is start or ".api" in function.__module__):
            seen.add(function)
            waiting += [use.thing for use in code.uses_of(function) if isinstance(use.thing, FunctionType)]
    return False


def _operations(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in spec["paths"].items():
        for operation in methods.values():
            yield path, operation


def _declares_etag(operation: dict[str, Any]) -> bool:
    answers = [each for status, each in operation["responses"].items() if status.startswith("2") and "content" in each]
    return bool(answers) and all("ETag" in each.get("headers", {}) for each in answers)


@pytest.mark.parametrize("service", SERVICES)
def test_who_answers_with_an_etag_or_takes_one_back_declares_it(service: ServiceName) -> None:
    """What the description finds in the code that runs is what its source says."""
    code = Code(f"services.{service}", "shared")
    routes = {route.name: route for route in _routes(f"services.{service}")}
    operations = {each["operationId"]: each for _, each in _operations(description(service))}

    assert operations.keys() >= routes.keys() > set()
    assert {name for name, each in operations.items() if _declares_etag(each)} == {
        name for name, route in routes.items() if _gives_etag(code, route.endpoint)
    }
    assert {name for name, each in operations.items() if _wants_if_match(each)} == {
        name
        for name, route in routes.items()
        if any(field.alias == "If-Match" for each in with_dependencies(route.dependant) for field in each.header_params)
    }


@pytest.mark.parametrize("service", SERVICES)
def test_what_wants_if_match_is_read_with_its_etag_where_it_has_a_place(service: ServiceName) -> None:
    spec = description(service)
    silent = [
        path
        for path, methods in spec["paths"].items()
        if "get" in methods
        and any(_wants_if_match(methods.get(method, {})) for method in ("put", "patch", "delete"))
        and not _declares_etag(methods["get"])
        and "version" not in _answered(spec, methods["get"])
    ]
    assert silent == []


def _answered(spec: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    fields: dict[str, Any] = _resolved(spec, schema).get("properties", {})
    return fields


async def tagged(response: Response) -> None:
    _tag(response)


def _tag(response: Response) -> None:
    set_etag(response, 1)


async def untagged(response: Response) -> None:
    response.headers["Location"] = "/"


def test_an_etag_is_found_where_a_helper_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (tagged, _tag, untagged):
        monkeypatch.setattr(each, "__module__", "services.things.api")

    assert (answers_etag(tagged), answers_etag(untagged)) == (True, False)
