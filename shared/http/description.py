"""The OpenAPI description of a service: what FastAPI finds in the routes, and what stands before all of them."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.auth.policy import ADMIN_ONLY, PolicyTable
from shared.errors import DomainError
from shared.http.declared import Errors, keep_errors
from shared.http.idempotency import HEADER, LONGEST_KEY
from shared.http.problems import MEDIA_TYPE, Problem

_KEY = {
    "name": HEADER.title(),
    "in": "header",
    "required": False,
    "description": "yours, unique per request: repeating it within 24 h gives the same answer and has no second effect",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}


def describe_with(app: FastAPI, policy: PolicyTable) -> None:
    """Makes the app describe problems, the bearer token (where the policy asks for one) and Idempotency-Key."""
    errors = keep_errors(app, policy)

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            _add_components(schema.setdefault("components", {}))
            schema["security"] = [{"bearer": []}]
            for method, operation in _operations(schema):
                operation["responses"] |= _refusals(errors[operation["operationId"]])
                if policy.get(operation["operationId"], ADMIN_ONLY).public:
                    operation["security"] = []
                if method == "post":
                    operation.setdefault("parameters", []).append(_KEY)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way of extending the description


def _refusals(errors: Errors) -> dict[str, Any]:
    """Status -> the response, which lists the slugs that can come with it."""
    ordered = sorted(errors, key=lambda error: (error.kind.value, error.slug))
    return {str(status): _refusal(list(each)) for status, each in groupby(ordered, lambda error: error.kind.value)}


def _refusal(errors: list[type[DomainError]]) -> dict[str, Any]:
    slugs = {error.slug: error.title for error in errors}
    return {
        "description": "; ".join(f"`{slug}`: {title}" for slug, title in slugs.items()),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _add_components(components: dict[str, Any]) -> None:
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form of 422
        schemas.pop(unused, None)
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in schema["paths"].values():
        yield from methods.items()
