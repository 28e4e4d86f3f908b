"""Routes of segments."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.credit.domain import CreditRating
from services.customers.heads.domain import Erased
from services.customers.segment_names import queries as names
from services.customers.segment_names.api import SegmentNameOut
from services.customers.segment_names.domain import Grids
from services.customers.segments import handlers, queries
from services.customers.segments.domain import PYRAMID, Criterion, Dimension, LoyaltyKind, NotRated, Pyramid, Segments
from services.customers.worth_policies.domain import WorthPolicy
from shared.auth.visibility import viewer
from shared.contracts.worth import Cell, Level, LoyaltyCredit, LoyaltySize, StoreSize, ValueLevel
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.references import CustomerNotFound

routes = router("/customers/v1", "segments")


class LoyaltyOut(BaseModel):
    """How loyal a customer is, and why."""

    model_config = ConfigDict(from_attributes=True)

    score: Sum = Field(
        description="0 to 100: 60 for the months in which it bought, 40 for how alike they are; with ratings the mean"
    )
    level: Level = Field(description="high from 60")
    behaviour: Sum = Field(description="the same of what was bought alone")
    ratings: Sum | None = Field(description="the same of what staff say; half of the score, null as long as nobody has")
    active_months: int = Field(description="in how many of the last six complete months something was bought")
    variation: Sum | None = Field(
        description="the months' population deviation over their mean; null where nothing was bought"
    )


class CreditOut(BaseModel):
    """How reliably a customer pays, and why."""

    model_config = ConfigDict(from_attributes=True)

    score: Sum = Field(description="100 less two for each day late, at least 0")
    level: Level = Field(description="high from 70")
    invoices: int = Field(description="how many invoices were looked at: the last six that are paid or overdue")
    mean_days_late: Sum = Field(description="their mean of days late")
    limit_use: Decimal | None = Field(
        description="open invoices over the credit limit, a decimal as text: 0 to 1, more where more is owed than the "
        "limit; null without a limit"
    )
    credit_rating: CreditRating | None = Field(description="how credit is rated; null: nobody did")


class PurchaseSizeOut(BaseModel):
    """How much a customer buys."""

    model_config = ConfigDict(from_attributes=True)

    monthly: Sum = Field(description="CNY of mid-grade terms, the average of the last three complete months")
    level: StoreSize = Field(description="large from 3,000")


class SegmentsOut(BaseModel):
    """What a customer is by loyalty, credit and size."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    loyalty: LoyaltyOut = Field(description="how loyal it is")
    credit: CreditOut | None = Field(description="how it pays; null as long as no invoice was paid or overdue")
    size: PurchaseSizeOut = Field(description="how much it buys")
    loyalty_credit: LoyaltyCredit | None = Field(description="what loyalty and credit are together; null with credit")
    loyalty_size: LoyaltySize = Field(description="what loyalty and size are together")
    overridden: list[Dimension] = Field(description="whose score was said by hand, and stands until its end")
    cell: Cell | None = Field(
        description="all three together, such as high_low_large: loyalty, credit, size; null with credit"
    )
    loyalty_credit_name: SegmentNameOut | None = Field(description="what that cell is called today; null with credit")
    loyalty_size_name: SegmentNameOut = Field(description="likewise")
    policy_version: int = Field(description="which version of the policy of worth judged: the one that holds today")
    policy_id: UUID = Field(description="the id of that version")

    @classmethod
    def of(cls, found: Segments, policy: WorthPolicy, names: Grids) -> Self:
        beside = {
            "loyalty_credit_name": names.loyalty_credit[found.loyalty_credit] if found.loyalty_credit else None,
            "loyalty_size_name": names.loyalty_size[found.loyalty_size],
            "policy_version": policy.version,
            "policy_id": policy.id,
        }
        same = {name: getattr(found, name) for name in cls.model_fields if name not in beside}
        return cls.model_validate({**same, **beside}, from_attributes=True)


@routes.get("/customers/{customer_id}/segments")
@raises(CustomerNotFound)
async def read_segments(customer_id: UUID, context: Injected[Context], caller: Caller) -> SegmentsOut:
    """What a customer is by loyalty, credit and size, as of today, with the figures behind it."""
    found, policy = await queries.of_customer(context, customer_id, viewer=viewer(caller))
    return SegmentsOut.of(found, policy, (await names.present(context)).grids)


class PyramidLevelOut(BaseModel):
    """A level of the pyramid."""

    level: ValueLevel = Field(description="which level")
    customers: int = Field(description="how many customers that is")
    amount: Sum = Field(description="CNY: what they bought for, net of returns")
    share: Decimal = Field(description="which share of all sales that is, of a hundred, one place, half up")
    expected_share: int = Field(
        description="which share of all profit is to be expected of the level, of a hundred: 80, 15, 5"
    )
    profit: Sum = Field(
        description="CNY: what is left of that: where the cost is known less the cost, of the rest the `margin`"
    )
    profit_share: Decimal = Field(
        description="which share of all profit that is, 0 to 1, three places, half up; 0.000 where there is none"
    )
    costed: Sum = Field(description="CNY: of how much of the amount the cost is known")


class PyramidOut(BaseModel):
    """From how few customers how much comes."""

    levels: list[PyramidLevelOut] = Field(
        description="the top 5 in a hundred customers by profit, the next 15, and the rest"
    )
    bring_most: int = Field(description="how many customers, the largest first, bring 80 in a hundred of all sales")
    bring_most_profit: int = Field(description="how many, by profit, bring 80 in a hundred of all profit")
    margin: Decimal = Field(
        description="which part is left of a purchase whose cost nobody knows, 0 to 1, by the policy of winning back"
    )

    @classmethod
    def of(cls, pyramid: Pyramid) -> Self:
        levels = [
            PyramidLevelOut(
                level=each.level,
                customers=each.customers,
                amount=each.amount,
                share=pyramid.share(each),
                expected_share=PYRAMID[each.level][1],
                profit=each.profit,
                profit_share=pyramid.profit_share(each),
                costed=each.costed,
            )
            for each in pyramid.levels
        ]
        return cls(
            levels=levels,
            bring_most=pyramid.bring_most,
            bring_most_profit=pyramid.bring_most_profit,
            margin=pyramid.margin,
        )


class LoyaltyRatingIn(BaseModel):
    """What staff say of a customer's loyalty."""

    model_config = ConfigDict(extra="forbid")

    criteria: Annotated[
        dict[Criterion, Annotated[int, Field(ge=1, le=5), NO_TEXT]],
        Field(min_length=1, description="1 to 5 for each criterion that is judged, the more loyal the more"),
    ]
    kind: LoyaltyKind | None = Field(default=None, description="of which kind the loyalty is; null: not said")


class LoyaltyRatingOut(BaseModel):
    """The same, as it is kept."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    criteria: dict[Criterion, int] = Field(description="1 to 5 for each criterion that is judged")
    kind: LoyaltyKind | None = Field(description="of which kind the loyalty is; null: not said")
    rated_at: datetime = Field(description="when it was said")
    rated_by: UUID = Field(description="the staff id of who said it")


@routes.get("/customers/{customer_id}/loyalty")
@raises(CustomerNotFound, NotRated)
async def read_loyalty(
    customer_id: UUID, context: Injected[Context], caller: Caller, response: Response
) -> LoyaltyRatingOut:
    """What staff say of a customer's loyalty."""
    rating = await queries.rating(context, customer_id, viewer=viewer(caller))
    set_etag(response, rating.version)
    return LoyaltyRatingOut.model_validate(rating)


@routes.put("/customers/{customer_id}/loyalty")
@raises(CustomerNotFound, Erased)
async def rate_loyalty(
    customer_id: UUID,
    body: LoyaltyRatingIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> LoyaltyRatingOut:
    """Rates a customer's loyalty, in place of what was said before."""
    rating = await handlers.rate(
        context, customer_id, body.criteria, body.kind, expected_version, by=caller.id, viewer=viewer(caller)
    )
    set_etag(response, rating.version)
    return LoyaltyRatingOut.model_validate(rating)


@routes.get("/value-pyramid")
async def read_value_pyramid(context: Injected[Context]) -> PyramidOut:
    """All who bought something in the last twelve complete months, by profit: the top, the next, the rest."""
    return PyramidOut.of(await queries.of_all(context))
