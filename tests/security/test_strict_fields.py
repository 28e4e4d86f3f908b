"""Whatever field a request may have: digits alone are no date, and nothing invisible gets in (decision 30a)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.settings import ServiceName
from tests.postgres import FreshDatabase
from tests.security.services import ALL
from tests.support import one_service

AS_SECONDS = ("20261120", "1764000000", "1764028800", 1764000000, 20261120.0)
NO_AMOUNTS = ("1e3", "1E+3", "1_000", "+5", " 12 ", ".5", "12.", "１２", "٣", "")
OUT_OF_BOUNDS = ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z", "3000-01-01T00:00:00Z")
MONSTERS = (
    "9" * 4_301,
    "1e999999",
    "-1e-999999",
    "NaN",
    "sNaN",
    "P999999999999D",
    "PT1e400S",
    "2026-13-45T99:99:99Z",
    "+86" + "1" * 70,
    "0571-87654321转" + "9" * 60,
    "\ud800",
    "\x00",
    10**4_000,
    float("inf"),
)
LEADING = "ab\u200b\u202ec1"


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, TypeAdapter[Any], set[type]]]:
    """Each field with its own adapter and the plain types that it may be; of models within models too."""
    for name, field in model.model_fields.items():
        annotation: Any = field.annotation
        kinds = set(leaves(annotation))
        within = [kind for kind in kinds if issubclass(kind, BaseModel)]
        for each in within:
            yield from ((f"{name}.{below}", *rest) for below, *rest in fields_of(each))  # type: ignore[misc]  # as given
        whole: Any = Annotated[(annotation, *field.metadata)] if field.metadata else annotation
        yield name, TypeAdapter(whole), kinds


def leaves(annotation: Any) -> Iterator[type]:
    """The classes that an annotation is made of, containers opened."""
    if isinstance(annotation, type):
        yield annotation
    for each in get_args(annotation):
        yield from leaves(each)


def taken(adapter: TypeAdapter[Any], value: object) -> list[object]:
    """What the field makes of the value, alone or as the only one of a list; nothing when it is refused."""
    found = []
    for offered in (value, [value], {str(value): []}):
        try:
            found.append(adapter.validate_json(TypeAdapter(Any).dump_json(offered)))
        except ValidationError:
            continue
    return found


def bodies_of(app: FastAPI) -> list[type[BaseModel]]:
    """The models that the routes read, each once."""
    found = {
        route.body_field.field_info.annotation
        for route in app.routes
        if isinstance(route, APIRoute) and route.body_field is not None
    }
    return [model for model in found if isinstance(model, type) and issubclass(model, BaseModel)]


@pytest.mark.parametrize("service", ALL)
async def test_whatever_stands_in_a_field_it_is_read_or_refused(
    fresh_database: FreshDatabase, service: ServiceName
) -> None:
    """Any other exception would be a 500."""
    async with one_service(fresh_database, service) as alone:
        adapters = [adapter for model in bodies_of(alone.app) for _, adapter, _ in fields_of(model)]

    @settings(max_examples=60, deadline=None)
    @given(st.text() | st.sampled_from(MONSTERS) | st.integers() | st.floats() | st.booleans())
    def read_or_refused(value: object) -> None:
        for adapter in adapters:
            for offered in (value, [value], {str(value): value}):
                with suppress(ValidationError):
                    adapter.validate_python(offered)

    for monster in MONSTERS:
        read_or_refused = example(monster)(read_or_refused)
    read_or_refused()


@pytest.mark.parametrize("service", ALL)
async def test_every_field_of_every_body_is_strict(fresh_database: FreshDatabase, service: ServiceName) -> None:
    async with one_service(fresh_database, service) as alone:
        bodies = bodies_of(alone.app)
    faults = [
        f"{model.__name__}.{name} takes {value!r}"
        for model in bodies
        for name, adapter, kinds in fields_of(model)
        for value in mistakes(kinds - {bool} if model.__name__.startswith("Body_") else kinds)  # a form is text
        if taken(adapter, value)
    ]
    kept = [
        f"{model.__name__}.{name} keeps {text!r}"
        for model in bodies
        for name, adapter, kinds in fields_of(model)
        for text in (taken(adapter, LEADING) if str in kinds else [])
        if "\u200b" in str(text) or "\u202e" in str(text)
    ]
    assert faults + kept == []


def mistakes(kinds: set[type]) -> Iterator[object]:
    """What a lenient reading would take for something of one of these types."""
    if kinds & {date, datetime}:
        yield from AS_SECONDS
    if datetime in kinds:
        yield from OUT_OF_BOUNDS
    if int in kinds:
        yield from (True, "1")
    if bool in kinds:
        yield from (0, 1, "no", "true")
    if Decimal in kinds:
        yield from NO_AMOUNTS
    if timedelta in kinds:
        yield from ("P1M", "P1Y", "PT1H1H", "PT1M1H", "P", "PT")
