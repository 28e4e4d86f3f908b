"""GET /reporting/v1/tiers."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from services.reporting.context import Context
from services.reporting.tiers import queries
from shared.http.context import Injected
from shared.http.fields import MonthAsked
from shared.http.routing import router

routes = router("/reporting/v1", "tiers")


class TierOfMonthOut(BaseModel):
    """One tier of the month. Shares are parts of all sales, 0 to 1."""

    model_config = ConfigDict(from_attributes=True)
    customers: int
    amount: Decimal = Field(description="CNY, in the month's own sales", examples=["125000.00"])
    share: float
    expected_share: float


class MonthOfTiersOut(BaseModel):
    """The month as closed; `tiers` is empty and `revision` null as long as it is not."""

    model_config = ConfigDict(from_attributes=True)
    month: str = Field(examples=["2026-11"])
    revision: int | None
    tiers: dict[str, TierOfMonthOut]
    moves: dict[str, int] = Field(examples=[{"C>A": 3}])


@routes.get("/tiers")
async def report_tiers(month: MonthAsked, context: Injected[Context]) -> MonthOfTiersOut:
    """How many customers and how much per tier in a closed month, and who moved since the closed month before."""
    return MonthOfTiersOut.model_validate(await queries.month_of(context, month))
