"""Routes of who answers for which product."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.rulebook import handlers, queries
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line
from shared.http.paging import Page
from shared.http.routing import Caller, router
from shared.references import UnknownStaff

routes = router("/complaints/v1", "products")


class ProductOwnerIn(BaseModel):
    """Who answers for a product from now on."""

    model_config = ConfigDict(extra="forbid")

    product: Annotated[
        Line | None,
        Field(description="the product by its name, in any case, width and spacing; null: any other"),
    ]
    staff_id: Annotated[UUID | None, Field(description="who answers for it; null: nobody in particular")]


class ProductOwnerOut(BaseModel):
    """A version of who answers for a product."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    product: str | None = Field(description="the product by its name; null: any that nobody else answers for")
    staff_id: UUID | None = Field(description="who answers for it; null: nobody in particular")
    starts_at: datetime


@routes.get("/product-owners")
async def list_product_owners(context: Injected[Context]) -> Page[ProductOwnerOut]:
    """Who answers for which product now, on one page."""
    return Page(items=[ProductOwnerOut.model_validate(owner) for owner in await queries.list_product_owners(context)])


@routes.post("/product-owners", status_code=201)
@raises(UnknownStaff)
async def name_product_owner(body: ProductOwnerIn, context: Injected[Context], caller: Caller) -> ProductOwnerOut:
    """A new version: who is accountable for what is recorded against the product from now on."""
    owner = await handlers.name_product_owner(context, body.product, body.staff_id, by=caller.id)
    return ProductOwnerOut.model_validate(owner)
