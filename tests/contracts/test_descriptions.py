"""The OpenAPI documents read well, and clients can be generated from them (`make clients` does it)."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
from jsonschema import Draft202012Validator

from services.reporting.timeline.domain import TOLD, WHOSE
from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.http.answers import json_answer
from shared.http.feed import NEVER
from shared.http.words import COMMON
from shared.ids import new_id
from shared.settings import SERVICES, ServiceName
from tests.contracts.descriptions import description
from tests.contracts.samples import facts, file_of
from tests.support import START

OF_JSON_SCHEMA: Final = {
    *("$ref", "type", "format", "enum", "const", "title", "description", "default", "examples", "pattern"),
    *("properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"),
    *("items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "contentMediaType", "contentSchema"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "anyOf", "oneOf", "allOf"),
    "discriminator",
}
"""What a schema may say; anything else is a word of Pydantic's that leaked."""
SERVICE_OF: Final[dict[str, ServiceName]] = {f"shared.contracts.{service}": service for service in SERVICES} | {
    "shared.contracts.clocks": "complaints",
    "shared.contracts.letters": "complaints",
    "shared.contracts.commitments": "complaints",
    "shared.contracts.internal": "complaints",
    "shared.contracts.safety": "complaints",
    "shared.contracts.erasures": "customers",
    "shared.contracts.merging": "customers",
    "shared.contracts.network": "customers",
    "shared.contracts.owners": "customers",
    "shared.contracts.payments": "customers",
    "shared.contracts.rebates": "customers",
    "shared.contracts.settlements": "complaints",
    "shared.contracts.signals": "customers",
    "shared.contracts.early_warnings": "customers",
    "shared.contracts.losses": "customers",
    "shared.contracts.winbacks": "customers",
    "shared.contracts.worth": "customers",
    "shared.contracts.withdrawing": "customers",
}
OF_SEVERAL: Final[dict[str, tuple[ServiceName, ...]]] = {
    "shared.contracts.confirmations": ("complaints", "care", "reporting"),
    "shared.contracts.scheme": ("customers", "complaints", "care"),
}

Schema = dict[str, Any]
Placed = tuple[str, Schema]

services = pytest.mark.parametrize("service", SERVICES)


def schemas_of(document: Schema) -> dict[str, Schema]:
    schemas: dict[str, Schema] = document["components"]["schemas"]
    return schemas


def operations_of(document: Schema) -> list[Schema]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def parameters_of(document: Schema) -> Iterator[Placed]:
    for operation in operations_of(document):
        for parameter in operation.get("parameters", []):
            yield f"{operation['operationId']}({parameter['name']})", parameter


def parts(place: str, schema: Any) -> Iterator[Placed]:
    """A schema and all within it, each with its place."""
    if not isinstance(schema, dict):
        return
    yield place, schema
    for name, each in schema.get("properties", {}).items():
        yield from parts(f"{place}/{name}", each)
    for word in ("items", "additionalProperties", "propertyNames"):
        yield from parts(f"{place}/{word}", schema.get(word))
    for word in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(word, []):
            yield from parts(place, each)


def bodies_of(document: Schema) -> Iterator[Placed]:
    for operation in operations_of(document):
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in body.get("content", {}).values():
                yield operation["operationId"], media["schema"]


def everything(document: Schema) -> Iterator[Placed]:
    for name, schema in schemas_of(document).items():
        yield from parts(name, schema)
    for place, parameter in parameters_of(document):
        yield from parts(place, parameter["schema"])
    for place, schema in bodies_of(document):
        yield from parts(place, schema)


def validator(document: Schema, schema: Schema) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document["components"]})


# ---------------------------------------------------------------------------- schemas


def leaks(document: Schema) -> list[str]:
    return [f"{place}: {word}" for place, schema in everything(document) for word in set(schema) - OF_JSON_SCHEMA]


@services
def test_nothing_of_pydantic_leaks(service: ServiceName) -> None:
    """`ge` behind a validator is not `minimum`: the bound stands before it (shared/http/fields.py, NO_TEXT)."""
    assert leaks(description(service)) == []


def undescribed(document: Schema) -> list[str]:
    """Schemas, properties, parameters and operations that say nothing of themselves."""
    places = [(name, schema) for name, schema in schemas_of(document).items()]
    places += [
        (f"{name}.{each}", what)
        for name, schema in schemas_of(document).items()
        for each, what in schema.get("properties", {}).items()
    ]
    places += parameters_of(document)
    places += [(operation["operationId"], operation) for operation in operations_of(document)]
    return [place for place, what in places if not what.get("description", "").strip()]


@services
def test_everything_says_what_it_is(service: ServiceName) -> None:
    """Where a Field(description=…) would be said again and again, the word stands in services/*/words.py."""
    assert undescribed(description(service)) == []


def closed_lists_without_a_name(document: Schema) -> list[str]:
    return [
        f"{place}: {schema['enum']}"
        for place, schema in everything(document)
        if "enum" in schema and schemas_of(document).get(place) is not schema
    ]


@services
def test_closed_lists_have_names(service: ServiceName) -> None:
    """A `Literal` gets its name in the `choices` of services/*/words.py."""
    assert closed_lists_without_a_name(description(service)) == []


def odd_names(document: Schema) -> list[str]:
    """Names with module paths, generic arguments, underscores."""
    return [name for name in schemas_of(document) if not re.fullmatch("([A-Z][a-z0-9]+)+", name)]


@services
def test_schemas_have_plain_names(service: ServiceName) -> None:
    assert odd_names(description(service)) == []


@services
def test_one_list_has_one_name(service: ServiceName) -> None:
    lists = Counter(str(schema["enum"]) for schema in schemas_of(description(service)).values() if "enum" in schema)
    assert [each for each, times in lists.items() if times > 1] == []


def patches_with_values(document: Schema) -> list[str]:
    """Fields of patches that a generated client would send though nobody gave them a value."""
    return [
        f"{name}.{each}"
        for name, schema in schemas_of(document).items()
        if name.endswith("Patch")
        for each, what in schema["properties"].items()
        if "default" in what or (each in schema.get("required", []) and len(schema["properties"]) > 1)
    ]


def test_a_patch_can_carry_one_field_alone() -> None:
    assert any(name.endswith("Patch") for name in schemas_of(description("customers")))
    assert [each for service in SERVICES for each in patches_with_values(description(service))] == []


@services
def test_answers_carry_every_field(service: ServiceName) -> None:
    """A client need not ask whether a field of an answer is there: a model with defaults is `ANSWERED`."""
    schemas = schemas_of(description(service))
    answers = {name: schema for name, schema in schemas.items() if name.endswith(("Out", "Page", "Problem"))}
    assert answers
    assert [
        f"{name}.{each}"
        for name, schema in answers.items()
        for each in set(schema.get("properties", {})) - set(schema.get("required", []))
    ] == []


def saying_nothing(document: Schema) -> set[str]:
    """Objects that may hold anything."""
    return {
        place
        for place, schema in everything(document)
        if not {"$ref", "type", "anyOf", "oneOf", "const", "format", "enum"} & set(schema)
        or (
            schema.get("type") == "object"
            and not schema.get("properties")
            and schema.get("additionalProperties") in (True, None)
        )
    }


@services
def test_nothing_is_just_anything(service: ServiceName) -> None:
    assert saying_nothing(description(service)) == set()


@services
def test_examples_and_defaults_are_what_they_stand_for(service: ServiceName) -> None:
    document = description(service)
    shown = [
        (place, schema, value)
        for place, schema in everything(document)
        for value in [*schema.get("examples", []), *([schema["default"]] if "default" in schema else [])]
    ]
    assert shown
    assert [
        f"{place}: {value}" for place, schema, value in shown if not validator(document, schema).is_valid(value)
    ] == []


@services
def test_ids_in_examples_are_ids(service: ServiceName) -> None:
    found = [
        text
        for _, schema in [*everything(description(service)), *bodies_of(description(service))]
        for example in schema.get("examples", [])
        for text in (example.values() if isinstance(example, dict) else [example])
        if str(text).startswith("01")
    ]
    assert [text for text in found if UUID(str(text)).version != 7] == []
    assert found or service != "customers"


# ---------------------------------------------------------------------------- the head


@services
def test_the_head_says_what_the_service_is_for(service: ServiceName) -> None:
    document = description(service)
    assert len(document["info"]["description"]) > 200
    assert document["servers"]
    assert all(server["url"] and server["description"] for server in document["servers"])


@services
def test_every_tag_is_described(service: ServiceName) -> None:
    document = description(service)
    described = [tag["name"] for tag in document["tags"] if tag["description"]]
    used = {tag for operation in operations_of(document) for tag in operation["tags"]}
    assert len(described) == len(set(described))
    assert set(described) == used


# ---------------------------------------------------------------------------- words


def said(document: Schema) -> set[str]:
    """Every description that stands somewhere."""
    found = [schema for _, schema in everything(document)] + [each for _, each in parameters_of(document)]
    return {each["description"] for each in found if "description" in each}


@services
def test_no_word_is_left_over(service: ServiceName) -> None:
    vocabulary = import_module(f"services.{service}.app").VOCABULARY
    document = description(service)
    assert [word for word, says in vocabulary.words.items() if says not in said(document)] == []
    choices, schemas = COMMON.with_(vocabulary).choices, schemas_of(document)
    assert [name for name in vocabulary.choices if name not in schemas] == []
    named = {name: list(choice.values) for name, choice in choices.items() if name in schemas}
    assert {name: schemas[name].get("enum") for name in named} == named
    assert [tag for tag in vocabulary.tags if tag not in {each["name"] for each in document["tags"]}] == []


def test_no_common_word_is_left_over() -> None:
    everywhere = {each for service in SERVICES for each in said(description(service))}
    named = {name for service in SERVICES for name in schemas_of(description(service))}
    assert [word for word, says in COMMON.words.items() if says not in everywhere] == []
    assert [name for name in COMMON.choices if name not in named] == []


# ---------------------------------------------------------------------------- events


def page_with(fact: type[Fact], data: Any) -> Any:
    """The page of a feed that holds one event, as it is answered."""
    event = Event(
        type=fact.TYPE,
        topic=fact.TOPIC,
        key=str(new_id()),
        time=START,
        aggregate_id=new_id(),
        aggregate_version=1,
        data=json.dumps(data),
        sequence=1,
    )
    items = [event.as_cloudevent("/crm/somewhere")]
    return orjson.loads(json_answer({"items": items, "next": None}).body)


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: fact.TYPE)
@pytest.mark.parametrize("form", ["full", "least"])
def test_the_feed_is_described_event_by_event(fact: type[Fact], form: str) -> None:
    """As the golden samples have them: with every field, and with those only that an event must have."""
    if fact.TOPIC in NEVER:
        return
    sample = json.loads(file_of(fact).read_text())
    wrong = {name: value for name, value in sample[form].items() if name != next(iter(sample["least"]))}
    for service in OF_SEVERAL.get(fact.__module__) or (SERVICE_OF[fact.__module__],):
        page = validator(description(service), {"$ref": "#/components/schemas/EventPage"})
        assert list(page.iter_errors(page_with(fact, sample[form]))) == []
        assert not page.is_valid(page_with(fact, wrong)), "an event without what it must have"


@services
def test_contacts_and_penalties_are_in_no_feed(service: ServiceName) -> None:
    in_no_feed = tuple(fact.__name__ for fact in facts() if fact.TOPIC in NEVER)
    assert not {name for name in schemas_of(description(service)) if name.startswith(in_no_feed)}


def test_the_timeline_is_described_event_by_event() -> None:
    """As it is answered: without the customer, and without what an event leaves open."""
    document = description("reporting")
    entry = validator(document, {"$ref": "#/components/schemas/TimelineEntryOut"})
    for fact in TOLD:
        for form in ("full", "least"):
            sample = json.loads(file_of(fact).read_text())[form]
            data = {name: value for name, value in sample.items() if name not in WHOSE}
            told = {"at": "2026-11-04T01:00:00Z", "event_id": str(new_id()), "type": fact.TYPE, "data": data}
            assert list(entry.iter_errors(told)) == []
            assert not entry.is_valid({**told, "type": "crm.something.else"})


# ---------------------------------------------------------------------------- each of these can fail


def document_with(properties: Schema, name: str = "ThingPatch", **operation: Any) -> Schema:
    schema = {"type": "object", "description": "A thing.", "properties": properties}
    described = {"operationId": "read_thing", "description": "A thing.", "responses": {}, **operation}
    return {"components": {"schemas": {name: schema}}, "paths": {"/things": {"get": described}}}


def test_what_is_wrong_is_seen() -> None:
    number = {"type": "integer", "description": "how many"}
    assert leaks(document_with({"a": {**number, "ge": 1}})) == ["ThingPatch/a: ge"]
    assert undescribed(document_with({"a": {"type": "integer"}})) == ["ThingPatch.a"]
    parameter = {"name": "q", "in": "query", "schema": {"type": "string"}}
    assert undescribed(document_with({}, parameters=[parameter])) == ["read_thing(q)"]
    assert closed_lists_without_a_name(document_with({"a": {"enum": [1, 2]}})) == ["ThingPatch/a: [1, 2]"]
    assert odd_names(document_with({}, "services__care__delivery__domain__State"))
    assert odd_names(document_with({}, "Page_ThingOut_"))
    assert odd_names(document_with({}, "ThingIn-Input"))
    assert patches_with_values(document_with({"a": {**number, "default": 0}})) == ["ThingPatch.a"]
    assert saying_nothing(document_with({"a": {"type": "object", "additionalProperties": True}})) == {"ThingPatch/a"}


@pytest.mark.parametrize("of", ["ArchiveField", "DuplicateReason", "Contact"])
def test_codes_that_people_read_are_said_in_chinese_and_english(of: str) -> None:
    schema = description("customers")["components"]["schemas"][of]
    for code in schema["enum"]:
        said = re.search(rf"`{code}` ([\u4e00-\u9fff]+) (.+?)[;.]", schema["description"])
        assert said is not None, code
