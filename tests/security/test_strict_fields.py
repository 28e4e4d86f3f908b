"""Whatever field a request may have: digits alone are no date, and nothing invisible gets in (decision 30a)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, get_args

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.settings import ServiceName
from tests.postgres import FreshDatabase
from tests.security.services import ALL
from tests.support import one_service

AS_SECONDS = ("20261120", "1764000000", 1764000000, 20261120.0)
OUT_OF_BOUNDS = ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z", "3000-01-01T00:00:00Z")
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
    for offered in (value, [value]):
        try:
            found.append(adapter.validate_json(TypeAdapter(Any).dump_json(offered)))
        except ValidationError:
            continue
    return found


@pytest.mark.parametrize("service", ALL)
async def test_every_field_of_every_body_is_strict(fresh_database: FreshDatabase, service: ServiceName) -> None:
    async with one_service(fresh_database, service) as alone:
        bodies = {
            route.body_field.field_info.annotation
            for route in alone.app.routes
            if isinstance(route, APIRoute) and route.body_field is not None
        }
    faults = []
    for model in bodies:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        for name, adapter, kinds in fields_of(model):
            if kinds & {date, datetime}:
                faults += [f"{model.__name__}.{name} takes {value!r}" for value in AS_SECONDS if taken(adapter, value)]
            if datetime in kinds:
                faults += [f"{model.__name__}.{name} takes {value}" for value in OUT_OF_BOUNDS if taken(adapter, value)]
            if str in kinds:
                kept = [text for text in taken(adapter, LEADING) if "\u200b" in str(text) or "\u202e" in str(text)]
                faults += [f"{model.__name__}.{name} keeps {text!r}" for text in kept]
    assert faults == []
