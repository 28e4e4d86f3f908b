"""An entry of a timeline as it is answered; the routes stand where the customer's page is (customer 360)."""

from datetime import datetime
from types import NoneType
from typing import Annotated, Any, Literal, Union, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, TypeAdapter, create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from services.reporting.timeline.domain import TOLD, WHOSE
from shared.contracts.base import Fact
from shared.http.envelopes import told_apart


class TimelineEntryOut(BaseModel):
    """One event; its `type` says what `data` holds: the fields of its contract that are known, without the customer."""

    model_config = ConfigDict(from_attributes=True)
    at: datetime
    event_id: UUID
    type: str
    data: dict[str, Any]

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Described as one of the events that there are; answered as they lie, so that an old one is never refused."""
        described = handler(TypeAdapter(told_apart([_entry(fact) for fact in TOLD])).core_schema)
        return {**described, "description": cls.__doc__}


def _entry(fact: type[Fact]) -> type[BaseModel]:
    kind: Any = Literal[fact.TYPE]
    said: dict[str, Any] = {name: _known(each) for name, each in fact.model_fields.items() if name not in WHOSE}
    data = create_model(f"{fact.__name__}Data", __doc__=fact.__doc__, **said)
    return create_model(
        f"{fact.__name__}Entry",
        __doc__=f"`{fact.TYPE}` in a timeline.",
        at=(datetime, ...),
        event_id=(UUID, ...),
        type=(kind, Field(description="what happened")),
        data=(data, Field(description="the fields of its contract that are known, without the customer")),
    )


def _known(field: FieldInfo) -> tuple[Any, Any]:
    """A contract's field where a null is left out."""
    kinds = tuple(each for each in get_args(field.annotation) if each is not NoneType)
    may_be_null = NoneType in get_args(field.annotation)
    kind: Any = Union[kinds] if may_be_null else field.annotation  # noqa: UP007  made of what the contract names
    for each in field.metadata:
        kind = Annotated[kind, each]
    return kind, ... if field.is_required() and not may_be_null else field.get_default(call_default_factory=True)
