"""Puts plain names and words into an OpenAPI description: what a generator of clients and their readers go by."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.vocabulary import Choice, Vocabulary

Schema = dict[str, Any]
_REF = "#/components/schemas/"


def put_into_words(document: Schema, vocabulary: Vocabulary) -> None:
    """Gives every schema a plain name, every closed list its own, and every property and parameter its description.

    What a model says itself stays. A word that is missing stays missing: tests/contracts names it.
    """
    _rename(document)
    for schema in _all(document):
        for each in schema.get("properties", {}).values():
            each.pop("title", None)  # Pydantic's: the name again, with a capital
    _name_choices(document, vocabulary.choices)
    for name, schema in document["components"]["schemas"].items():
        _say(schema, vocabulary.words.get(name))
        _describe(name, schema.get("properties", {}), vocabulary)
    for operation in operations_of(document):
        parameters = operation.get("parameters", [])
        _describe(operation["operationId"], {each["name"]: each for each in parameters}, vocabulary)
        for each in parameters:
            each["schema"].pop("title", None)


def operations_of(document: Schema) -> Iterator[Schema]:
    for methods in document["paths"].values():
        yield from methods.values()


def _describe(of: str, named: Mapping[str, Schema], vocabulary: Vocabulary) -> None:
    for name, each in named.items():
        _say(each, vocabulary.word(of, name))


def _say(thing: Schema, words: str | None) -> None:
    if words and "description" not in thing:
        thing["description"] = words


def plain(name: str) -> str:
    """FastAPI's name of a schema as a person gives it: BrandPage of `Page_BrandOut_`, EveryOut of `EveryIn-Output`."""
    if page := re.fullmatch("Page_(.+?)(Out)?_", name):
        return page[1] + "Page"
    if form := re.fullmatch("Body_(.+)", name):
        return "".join(part.capitalize() for part in form[1].split("_")) + "Form"
    if sent := re.fullmatch("(.+?)(In)?-(Input|Output)", name):
        return sent[1] + ("In" if sent[3] == "Input" else "Out")
    return name


def _rename(document: Schema) -> None:
    schemas = document["components"]["schemas"]
    names = {name: plain(name) for name in schemas}
    document["components"]["schemas"] = {names[name]: schema for name, schema in sorted(schemas.items())}
    for schema in _all(document):
        if reference := schema.get("$ref"):
            schema["$ref"] = _REF + names[reference.removeprefix(_REF)]
        if mapping := schema.get("discriminator", {}).get("mapping"):
            for value, reference in mapping.items():
                mapping[value] = _REF + names[reference.removeprefix(_REF)]
    for name, schema in document["components"]["schemas"].items():
        schema["title"] = name


def _name_choices(document: Schema, choices: Mapping[str, Choice]) -> None:
    """Closed lists that stand in a property become schemas of their own."""
    names = {choice.values: name for name, choice in choices.items()}
    schemas = document["components"]["schemas"]
    own = [id(schema) for schema in schemas.values()]
    for schema in list(_all(document)):
        name = names.get(tuple(schema.get("enum", ())))
        if name and id(schema) not in own:
            schema.pop("type", None)
            kind = "integer" if isinstance(schema["enum"][0], int) else "string"
            listed = {"title": name, "description": choices[name].says, "type": kind, "enum": schema.pop("enum")}
            schemas.setdefault(name, listed)
            schema["$ref"] = _REF + name


def _all(document: Schema) -> Iterator[Schema]:
    """Every schema, those within others included."""
    for schema in document["components"]["schemas"].values():
        yield from within(schema)
    for operation in operations_of(document):
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for each in operation.get("parameters", []):
            yield from within(each["schema"])
        for content in contents:
            for media in content.get("content", {}).values():
                yield from within(media["schema"])


def within(schema: Schema) -> Iterator[Schema]:
    """A schema and those that it is made of."""
    yield schema
    for word, find in _PARTS.items():
        if word in schema:
            for part in find(schema[word]):
                if isinstance(part, dict):
                    yield from within(part)


_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "properties": lambda found: list(found.values()),
    "items": lambda found: [found],
    "additionalProperties": lambda found: [found],
    "propertyNames": lambda found: [found],
    "anyOf": list,
    "oneOf": list,
    "allOf": list,
}
"""Keyword -> the schemas that stand under it."""
