"""Routes of what a customer bought."""

from datetime import date
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.customers.buying import domain, queries
from services.customers.buying.domain import BrandMonth, Days, PurchaseSpanRefused, Sums
from services.customers.context import Context
from services.customers.purchases import queries as purchases
from services.customers.purchases.api import NEWEST_FIRST, PurchaseOut
from services.customers.purchases.domain import Narrowing
from shared.auth.visibility import viewer
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day
from shared.http.paging import Paging
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.months import MONTH_PATTERN, Month
from shared.references import CustomerNotFound

routes = router("/customers/v1", "purchases")

_FROM: Final = Query(alias="from", description="the first day, in the company's zone")
_TO: Final = Query(alias="to", description="the last day, included")
_FROM_MONTH: Final = Query(alias="from", pattern=MONTH_PATTERN, examples=["2026-01"], description="the first month")
_TO_MONTH: Final = Query(
    alias="to", pattern=MONTH_PATTERN, examples=["2026-12"], description="the last month, included"
)


class PurchaseSumsOut(BaseModel):
    """What purchases and returns come to, CNY."""

    model_config = ConfigDict(from_attributes=True)

    purchases: int = Field(description="how many purchases")
    returns: int = Field(description="how many returns")
    bought: Sum = Field(description="what the purchases come to")
    returned: Sum = Field(description="what the returns come to")
    amount: Sum = Field(description="what was bought, less what came back")
    costed: Sum | None = Field(description="the amount of the entries whose cost is known; null: of none")
    cost: Sum | None = Field(description="what these cost the company; null where nothing is known")
    profit: Sum | None = Field(description="what is left of them: `costed` less `cost`; null where nothing is known")


class CustomerPurchasesOut(BaseModel):
    """A page of a customer's purchases and returns, and what all that the filters find come to."""

    model_config = ConfigDict(**ANSWERED)

    items: list[PurchaseOut] = Field(description="purchases and returns, newest first")
    next: str | None = Field(description="the cursor of the next page; null on the last one")
    totals: PurchaseSumsOut = Field(description="of all that the filters find, not of the page")


class BrandMonthOut(PurchaseSumsOut):
    """What was bought of a brand in a month."""

    month: Month = Field(description="the month, YYYY-MM; a return counts in that of its purchase")
    brand_id: UUID | None = Field(description="the brand; null: of none, and where nothing was bought")
    brand_name: str | None

    @classmethod
    def of(cls, found: BrandMonth) -> "BrandMonthOut":
        sums = {name: getattr(found.sums, name) for name in PurchaseSumsOut.model_fields}
        return cls(month=found.month, brand_id=found.brand_id, brand_name=found.brand_name, **sums)


class PurchaseTrendOut(BaseModel):
    """What a customer bought, month by month and by brand."""

    from_: Month = Field(serialization_alias="from", description="the first month, YYYY-MM")
    to: Month = Field(description="the last month, YYYY-MM")
    items: list[BrandMonthOut] = Field(
        description="every month, the oldest first; one in which nothing was bought stands with zeros"
    )


@routes.get("/customers/{customer_id}/purchases")
@raises(CustomerNotFound, PurchaseSpanRefused)
async def list_customer_purchases(
    customer_id: UUID,
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    from_: Annotated[Day | None, _FROM] = None,
    to: Annotated[Day | None, _TO] = None,
    brand_id: Annotated[UUID | None, Query(description="only of this brand")] = None,
) -> CustomerPurchasesOut:
    """A customer's purchases and returns that stand, newest first, and what they come to."""
    narrowing = _narrowing(context, from_, to, brand_id)
    filters = {"customer_id": customer_id, "from": from_, "to": to, "brand_id": brand_id}
    read = partial(purchases.newest_first, context, customer_id, viewer=viewer(caller), narrowing=narrowing)
    sums = await queries.total(context, customer_id, narrowing, viewer=viewer(caller))
    page = await paging.page(NEWEST_FIRST, filters, read, PurchaseOut.model_validate)
    return CustomerPurchasesOut(items=page.items, next=page.next, totals=_sums(sums))


def _narrowing(context: Context, first: date | None, last: date | None, brand_id: UUID | None) -> Narrowing:
    since, until = Days(first, last).bounds(context.zone)
    return Narrowing(since, until, brand_id)


def _sums(sums: Sums) -> PurchaseSumsOut:
    return PurchaseSumsOut.model_validate(sums)


@routes.get("/customers/{customer_id}/purchases/trend")
@raises(CustomerNotFound, PurchaseSpanRefused)
async def read_purchase_trend(
    customer_id: UUID,
    context: Injected[Context],
    caller: Caller,
    from_: Annotated[str | None, _FROM_MONTH] = None,
    to: Annotated[str | None, _TO_MONTH] = None,
) -> PurchaseTrendOut:
    """What a customer bought, month by month and by brand: of twelve months unless said, of 60 at most."""
    since, until = (Month.parse(each) if each else None for each in (from_, to))
    first, last = domain.trend_span(since, until, context.running_month())
    found = await queries.trend(context, customer_id, first, last, viewer=viewer(caller))
    return PurchaseTrendOut(from_=first, to=last, items=[BrandMonthOut.of(each) for each in found])
