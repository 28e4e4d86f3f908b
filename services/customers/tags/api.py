"""Routes of tags."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.notes.domain import NotTheAuthor
from services.customers.tags import handlers, queries
from services.customers.tags.domain import TagCount, TagNotFound, TagRefused, TooManyTags
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import ExternalNo
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/customers/v1", "tags")

TagName = Annotated[ExternalNo, Field(max_length=40)]
BY_NAME: Order[TagCount, str] = Order(lambda each: (each.tag,), str)


class TagIn(BaseModel):
    """A tag to give."""

    model_config = ConfigDict(extra="forbid")

    tag: TagName = Field(description="a word of the company, which names nobody")


class CustomerTagOut(BaseModel):
    """A tag that a customer has."""

    model_config = ConfigDict(from_attributes=True)

    tag: str = Field(description="the tag")
    tagged_by: UUID = Field(description="the staff member who set it")
    tagged_at: datetime = Field(description="when it was set")


class TagCountOut(BaseModel):
    """A tag, and how many customers have it."""

    model_config = ConfigDict(from_attributes=True)

    tag: str = Field(description="the tag")
    customers: int = Field(description="how many customers have it, whoever sees them")


@routes.get("/tags")
async def list_tags(context: Injected[Context], paging: Paging) -> Page[TagCountOut]:
    """Tags that a customer has, by their letters, each with how many have it."""
    return await paging.page(BY_NAME, {}, partial(queries.counted, context), TagCountOut.model_validate)


@routes.get("/customers/{customer_id}/tags")
@raises(CustomerNotFound)
async def list_customer_tags(customer_id: UUID, context: Injected[Context], caller: Caller) -> Page[CustomerTagOut]:
    """A customer's tags, on one page."""
    found = await queries.tags_of(context, customer_id, viewer=viewer(caller))
    return Page(items=[CustomerTagOut.model_validate(each) for each in found])


@routes.post("/customers/{customer_id}/tags")
@raises(CustomerNotFound, Erased, TagRefused, TooManyTags)
async def tag_customer(
    customer_id: UUID, body: TagIn, context: Injected[Context], caller: Caller
) -> Page[CustomerTagOut]:
    """Gives a customer a tag, folded as numbers are; one that it has changes nothing. Answers every tag it has."""
    found = await handlers.set_tag(context, customer_id, body.tag, caller)
    return Page(items=[CustomerTagOut.model_validate(each) for each in found])


@routes.delete("/customers/{customer_id}/tags", status_code=204)
@raises(CustomerNotFound, NotTheAuthor, TagNotFound)
async def untag_customer(
    customer_id: UUID,
    context: Injected[Context],
    caller: Caller,
    tag: Annotated[TagName, Query(description="the tag to take away")],
) -> None:
    """Takes a tag away: who set it, and administration."""
    await handlers.take_away(context, customer_id, tag, caller)
