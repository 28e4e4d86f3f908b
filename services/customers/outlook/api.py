"""Routes of the outlook."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.outlook import queries
from services.customers.outlook.domain import Direction, Outlook
from services.customers.tiers.api.standing import ServiceFiguresOut
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.references import CustomerNotFound

routes = router("/customers/v1", "tiers")

BY_CUSTOMER: Order[Outlook, UUID] = Order(lambda each: (each.customer_id,), UUID)


class OutlookOut(BaseModel):
    """Where a customer's running month leads; amounts in CNY of mid-grade terms, of an average month of the window."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    customer_name: str | None
    tier: Tier = Field(description="the tier that stands")
    total: Sum = Field(description="what the window has earned so far")
    next_tier: Tier | None = Field(description="the tier above; null for A")
    missing: Sum | None = Field(
        description="how much is still to be bought to the tier above; 0.00 where it is earned already; null for A"
    )
    run_rate: Sum = Field(description="what the window will have earned if the month goes on as it has begun")
    leads_to: Tier = Field(description="the tier that the close would give by that")
    pinned: bool = Field(description="whether the tier is set by hand, so that no close moves it")
    potential: Sum | None = Field(description="what staff say it could buy a month; null where nobody said")
    service: ServiceFiguresOut = Field(description="how it has been served and pays; it moves no tier")


@routes.get("/outlook")
async def list_outlook(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    tier: Annotated[Tier | None, Query(description="only customers of this tier")] = None,
    region_id: Annotated[UUID | None, Query(description="only customers of this region and those in it")] = None,
    served_by: Annotated[UUID | None, Query(description="only of customers on whose team this colleague is")] = None,
    direction: Annotated[Direction | None, Query(description="only those whom the close would move so")] = None,
) -> Page[OutlookOut]:
    """What the close of the running month will bring, before it comes: how much is missing, where the run rate leads,
    who would fall. Salespeople see it for their stores. Nothing is published of it."""
    filters = {"tier": tier, "region_id": region_id, "served_by": served_by, "direction": direction}
    read = partial(queries.page, context, {**filters, "viewer": viewer(caller)})
    return await paging.page(BY_CUSTOMER, filters, read, OutlookOut.model_validate)


@routes.get("/customers/{customer_id}/outlook")
@raises(CustomerNotFound)
async def read_outlook(customer_id: UUID, context: Injected[Context], caller: Caller) -> OutlookOut:
    """The same of one customer."""
    return OutlookOut.model_validate(await queries.of_customer(context, customer_id, viewer=viewer(caller)))
