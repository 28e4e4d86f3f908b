"""A front-end written against a description alone: whatever it sends and shows stands in the OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx


class Shown:
    """A part of an answer that lets nothing be read that its description does not have."""

    def __init__(self, value: Any, schema: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        self.value = value
        self._document = document
        self._properties = dict(_properties(schema, document))
        self._items = next(_items(schema, document), {})

    def __getitem__(self, name: str) -> Any:
        assert name in self._properties, f"{name} is not described; there are {sorted(self._properties)}"
        found = self.value[name]
        return Shown(found, self._properties[name], self._document) if isinstance(found, dict | list) else found

    def __iter__(self) -> Iterator["Shown"]:
        return (Shown(each, self._items, self._document) for each in self.value)


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in schema:
        yield from _resolved(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    else:
        yield schema
        for each in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
            yield from _resolved(each, document)


def _properties(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in _resolved(schema, document):
        yield from each.get("properties", {}).items()


def _items(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (each["items"] for each in _resolved(schema, document) if "items" in each)


class Desk:
    """Somebody's desk: knows operations by their ids, and parameters, bodies and answers from the description."""

    def __init__(self, http: httpx.AsyncClient, document: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self._http = http
        self._document = document
        self._headers = dict(headers)
        self._operations = {
            operation["operationId"]: (method, path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict)
        }

    async def do(self, name: str, body: Mapping[str, Any] | None = None, **given: Any) -> Shown:
        """Carries out an operation as it is described."""
        method, path, operation = self._operations[name]
        described = {each["name"]: each["in"] for each in operation.get("parameters", ())}
        assert given.keys() <= described.keys(), f"{name} takes {sorted(described)}"
        inside = {each: value for each, value in given.items() if described[each] == "path"}
        query = {each: value for each, value in given.items() if described[each] == "query"}
        if body is not None:
            wanted = dict(_properties(_content(operation["requestBody"]), self._document))
            assert body.keys() <= wanted.keys(), f"{name} takes {sorted(wanted)}"
        answer = await self._http.request(method, path.format(**inside), params=query, json=body, headers=self._headers)
        assert str(answer.status_code) in operation["responses"], f"{name}: {answer.status_code} {answer.text}"
        assert answer.is_success, answer.text
        return Shown(answer.json(), _content(operation["responses"][str(answer.status_code)]), self._document)

    async def all(self, name: str, **given: Any) -> list[Shown]:
        """Every item of a list, page by page."""
        items: list[Shown] = []
        while True:
            page = await self.do(name, **given)
            items += page["items"]
            if page["next"] is None:
                return items
            given["cursor"] = page["next"]


def _content(part: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = part["content"]["application/json"]["schema"]
    return schema
