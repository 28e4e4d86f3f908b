"""The OpenAPI description of a service: what FastAPI finds in the routes, and what stands before all of them."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import groupby
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from shared.auth.policy import ADMIN_ONLY, PolicyTable
from shared.auth.principal import ADMIN
from shared.errors import DomainError
from shared.http.declared import Errors, keep_errors
from shared.http.idempotency import HEADER, LONGEST_KEY
from shared.http.preconditions import answers_etag
from shared.http.problems import MEDIA_TYPE, Problem
from shared.http.wording import put_into_words
from shared.http.words import COMMON, MANNERS, SERVERS
from shared.purposes import HEADER as PURPOSE
from shared.purposes import NEEDED_FOR, PERSONAL, PURPOSES
from shared.vocabulary import Vocabulary

_KEY = {
    "name": HEADER.title(),
    "in": "header",
    "required": False,
    "description": "yours, unique per request: repeating it within 24 h gives the same answer and has no second effect",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}

_NEEDED: Final = "; ".join(
    f"`{purpose}` {'all' if needed.issuperset(PERSONAL) else ', '.join(name for name in PERSONAL if name in needed)}"
    for purpose, needed in NEEDED_FOR.items()
)
_PURPOSE = {
    "name": PURPOSE.title(),
    "in": "header",
    "required": False,
    "description": "for what the caller looks at what is personal; kept with what the audit enters. Shown in full "
    "is what the caller's role needs and, where a purpose is stated, the purpose needs, too; the rest is masked, and "
    f"nobody is found by it. What each needs: {_NEEDED}",
    "schema": {"type": "string", "enum": list(PURPOSES)},
}

_ETAG = {
    "description": "the version of what is answered: sent back as If-Match it says what was read",
    "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
}

_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}


def describe_with(app: FastAPI, policy: PolicyTable, vocabulary: Vocabulary) -> None:
    """Makes the app describe problems, the bearer token (where the policy asks for one) and Idempotency-Key.

    What the models do not say comes from the vocabulary.
    """
    errors = keep_errors(app, policy)
    words = COMMON.with_(vocabulary)

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=f"{words.about}\n\n{MANNERS}",
                routes=app.routes,
                servers=SERVERS,
                tags=_tags(app, words),
            )
            _add_components(schema.setdefault("components", {}), frozenset().union(*errors.values()))
            schema["security"] = [{"bearer": []}]
            tagged = {route.name for route in _routes(app) if answers_etag(route.endpoint)}
            for method, operation in _operations(schema):
                if operation["operationId"] in tagged:
                    _add_etag(operation["responses"])
                operation["responses"] |= _refusals(errors[operation["operationId"]])
                access = policy.get(operation["operationId"], ADMIN_ONLY)
                if access.public:
                    operation["security"] = []
                else:
                    operation["x-roles"] = sorted({*access.roles, ADMIN})
                    operation.setdefault("parameters", []).append(deepcopy(_PURPOSE))
                if method == "post":
                    operation.setdefault("parameters", []).append(_KEY)
            put_into_words(schema, words)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way of extending the description


def _tags(app: FastAPI, words: Vocabulary) -> list[dict[str, str]]:
    """The tags of the described routes, in the order of the vocabulary."""
    used = {str(tag) for route in _routes(app) for tag in route.tags}
    return [{"name": tag, "description": says} for tag, says in words.tags.items() if tag in used]


def _routes(app: FastAPI) -> Iterator[APIRoute]:
    """Those that are described."""
    return (route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema)


def _add_etag(responses: dict[str, Any]) -> None:
    """To what an operation answers when it has done what was asked."""
    for status, response in responses.items():
        if status.startswith("2") and "content" in response:
            response.setdefault("headers", {})["ETag"] = deepcopy(_ETAG)


def _refusals(errors: Errors) -> dict[str, Any]:
    """Status -> the response, which lists the slugs that can come with it."""
    ordered = sorted(errors, key=lambda error: (error.kind.value, error.slug))
    return {str(status): _refusal(list(each)) for status, each in groupby(ordered, lambda error: error.kind.value)}


def _refusal(errors: list[type[DomainError]]) -> dict[str, Any]:
    slugs = {error.slug: error.title for error in errors}
    return {
        "description": "; ".join(f"`{slug}`: {title}" for slug, title in slugs.items()),
        "content": {MEDIA_TYPE: {"schema": _problem_of(errors)}},
    }


def _problem_of(errors: list[type[DomainError]]) -> dict[str, Any]:
    """A problem as all are, or one with the further members that some of the errors have."""
    richer = [_ref(_name_of(error)) for error in errors if error.members]
    return {"anyOf": [*richer, _PROBLEM]} if richer else _PROBLEM


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _name_of(error: type[DomainError]) -> str:
    return f"{error.__name__}Problem"


def _with_members(problem: dict[str, Any], error: type[DomainError]) -> dict[str, Any]:
    """The problem of an error that says more than others."""
    members = {
        name: {"type": "array", "items": {"type": "string"}, "title": name.capitalize(), "description": says}
        for name, says in error.members.items()
    }
    return {
        **problem,
        "title": _name_of(error),
        "description": error.title,
        "properties": {**problem["properties"], **members},
        "required": [*problem["required"], *members],
    }


def _add_components(components: dict[str, Any], errors: Iterable[type[DomainError]]) -> None:
    problem = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form of 422
        schemas.pop(unused, None)
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    schemas.update({_name_of(error): _with_members(problem, error) for error in errors if error.members})
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in schema["paths"].values():
        yield from methods.items()
