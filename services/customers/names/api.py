"""The route of names."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.customers.context import Context
from services.customers.names import handlers
from services.customers.names.domain import MOST, NamedKind
from shared.http.context import Injected
from shared.http.routing import Caller, router

routes = router("/customers/v1", "names")


def _separated(said: object) -> object:
    """Ids of which several stand in one parameter, between commas."""
    return [each for text in said for each in str(text).split(",")] if isinstance(said, list) else said


class NamedOut(BaseModel):
    """An id with what it stands for."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: NamedKind = Field(description="what it is")
    name: str = Field(description="what it is called; of persons masked where the caller does not see it")


class NamesOut(BaseModel):
    """What ids stand for, in no order."""

    items: list[NamedOut] = Field(description="those that the caller may know; what is not here is nobody's or hidden")


@routes.get("/names")
async def read_names(
    context: Injected[Context],
    caller: Caller,
    ids: Annotated[
        list[UUID],
        BeforeValidator(_separated),
        Query(
            min_length=1,
            max_length=MOST,
            description="ids of whatever has a name here, each in a parameter of its own or several between commas",
        ),
    ],
) -> NamesOut:
    """Names of staff, departments, brands, regions and competitors, and of the customers, owners, people of stores and
    prospects whom the caller sees, up to 500 at once."""
    found = await handlers.show_names(context, ids, caller)
    return NamesOut(items=[NamedOut.model_validate(each) for each in found])
