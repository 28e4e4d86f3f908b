"""Routes of which products and brands bring how much."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Annotated, Final, TypeAlias
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.customers.buying import domain as buying
from services.customers.buying.domain import PurchaseSpanRefused
from services.customers.context import Context
from services.customers.rankings import queries
from services.customers.rankings.domain import NOTHING, RankedBy, RankedGoods, RankingAsked
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Order, Paging
from shared.http.routing import router
from shared.money import Sum
from shared.months import MONTH_PATTERN, Month

routes = router("/customers/v1", "rankings")

_BY_PLACE: Final[Order[RankedGoods, int]] = Order(lambda each: (each.place,), int)
By = Annotated[RankedBy, Query(description="by what they are ranked")]
FirstMonth = Annotated[
    str | None, Query(alias="from", pattern=MONTH_PATTERN, examples=["2026-01"], description="the first month")
]
LastMonth = Annotated[
    str | None, Query(alias="to", pattern=MONTH_PATTERN, examples=["2026-12"], description="the last month, included")
]
Read: TypeAlias = Callable[[Context, RankingAsked, int | None, int], Awaitable[list[RankedGoods]]]


class RankedOut(BaseModel):
    """What something brought in the months that were asked for, CNY, and at which place it stands by that."""

    model_config = ConfigDict(from_attributes=True)

    place: int = Field(description="from 1 on; what has no profit that is known stands last")
    amount: Sum = Field(description="what was paid for it, net of returns")
    costed: Sum | None = Field(description="of how much of that the cost is known; null: of nothing")
    cost: Sum | None = Field(description="what that cost the company; null where nothing is known")
    profit: Sum | None = Field(description="what is left of it: `costed` less `cost`; null where nothing is known")
    share: Decimal | None = Field(
        description="which share of all sales (or of all profit, by that) it has, 0 to 1; null where none is known"
    )
    cumulative_share: Decimal | None = Field(
        description="which share all down to it have together, 0 to 1, above 1 where what follows lost money; null "
        "likewise"
    )
    brings_most: bool = Field(description="whether it is among the first that bring 80 in a hundred")


class RankedProductOut(RankedOut):
    """A product at its place."""

    product: str = Field(description="the product, as it stands on the pack")
    pieces: int = Field(description="how many were bought, less those that came back by name")


class RankedBrandOut(RankedOut):
    """A brand at its place."""

    brand_id: UUID | None = Field(description="the brand; null: of none")
    brand_name: str | None


class RankingTotalsOut(BaseModel):
    """What all that is ranked comes to, CNY."""

    model_config = ConfigDict(from_attributes=True)

    ranked: int = Field(description="how many are ranked")
    bring_most: int = Field(description="how many of them, the first ones, bring 80 in a hundred")
    amount: Sum = Field(description="what was paid for them, net of returns")
    costed: Sum | None = Field(description="of how much of that the cost is known; null: of nothing")
    cost: Sum | None = Field(description="what that cost the company; null where nothing is known")
    profit: Sum | None = Field(description="what is left of it; null where nothing is known")
    sales: Sum = Field(description="what every entry of the time comes to, also of those that do not say of what")


class ProductRankingOut(BaseModel):
    """A page of products, the one that brought most first."""

    model_config = ConfigDict(**ANSWERED)

    from_: Month = Field(serialization_alias="from", description="the first month, YYYY-MM")
    to: Month = Field(description="the last month, YYYY-MM")
    items: list[RankedProductOut] = Field(description="products in the order of their places")
    next: str | None = Field(description="the cursor of the next page; null on the last one")
    totals: RankingTotalsOut = Field(description="of all of them, not of the page")


class BrandRankingOut(BaseModel):
    """A page of brands, the one that brought most first."""

    model_config = ConfigDict(**ANSWERED)

    from_: Month = Field(serialization_alias="from", description="the first month, YYYY-MM")
    to: Month = Field(description="the last month, YYYY-MM")
    items: list[RankedBrandOut] = Field(description="brands in the order of their places")
    next: str | None = Field(description="the cursor of the next page; null on the last one")
    totals: RankingTotalsOut = Field(description="of all of them, not of the page")


@routes.get("/product-ranking")
@raises(PurchaseSpanRefused)
async def rank_products(
    context: Injected[Context],
    paging: Paging,
    by: By = "sales",
    from_: FirstMonth = None,
    to: LastMonth = None,
) -> ProductRankingOut:
    """Products by what they bring, as the lines of purchases and returns say: of twelve months unless said, of 60 at
    most. A return counts in the month of its purchase."""
    asked = _asked(context, by, from_, to)
    items, following, totals = await _page(context, paging, queries.products, asked)
    found = [RankedProductOut.model_validate(each) for each in items]
    return ProductRankingOut(from_=asked.first, to=asked.last, items=found, next=following, totals=totals)


@routes.get("/brand-ranking")
@raises(PurchaseSpanRefused)
async def rank_brands(
    context: Injected[Context],
    paging: Paging,
    by: By = "sales",
    from_: FirstMonth = None,
    to: LastMonth = None,
) -> BrandRankingOut:
    """Brands by what they bring, with lines or without, likewise."""
    asked = _asked(context, by, from_, to)
    items, following, totals = await _page(context, paging, queries.brands, asked)
    found = [RankedBrandOut.model_validate(each) for each in items]
    return BrandRankingOut(from_=asked.first, to=asked.last, items=found, next=following, totals=totals)


def _asked(context: Context, by: RankedBy, first: str | None, last: str | None) -> RankingAsked:
    """Raises PurchaseSpanRefused."""
    since, until = (Month.parse(each) if each else None for each in (first, last))
    return RankingAsked(by, *buying.trend_span(since, until, context.running_month()))


async def _page(
    context: Context, paging: Paging, read: Read, asked: RankingAsked
) -> tuple[list[RankedGoods], str | None, RankingTotalsOut]:
    """The page, the cursor of the next one, and what all come to, which each row says."""
    filters = {"by": asked.by, "from": str(asked.first), "to": str(asked.last)}
    found = await read(context, asked, paging.after(_BY_PLACE, filters), paging.most)
    items, following = paging.cut(found, _BY_PLACE, filters)
    totals = items[0].totals if items else NOTHING
    return items, following, RankingTotalsOut.model_validate(totals)
