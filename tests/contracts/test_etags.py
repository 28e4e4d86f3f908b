"""What can be changed can be changed by what can be read (decision 26): its ETag, or its version in a list."""

from typing import Any

import pytest

from shared.settings import SERVICES, ServiceName
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
