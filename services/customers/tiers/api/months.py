"""Routes of closed months."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel

from services.customers.context import Context
from services.customers.tiers import queries
from services.customers.tiers.domain.months import (
    ClosedMonth,
    MonthNotClosed,
    MonthNotOver,
    MonthSkipped,
    MonthWithoutData,
)
from services.customers.tiers.handlers import closing
from shared.contracts.customers import TierShare
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Order, Page, Paging
from shared.http.routing import router
from shared.months import MONTH_PATTERN, Month

routes = router("/customers/v1", "tiers")

BY_MONTH: Order[ClosedMonth, int] = Order(lambda closed: (closed.month.ordinal,), int)

MonthWritten = Annotated[str, Path(pattern=MONTH_PATTERN, examples=["2026-11"])]


class MonthOut(BaseModel):
    """A closed month: `customers` counted in it, `changed` are the standing tiers that its last revision moved.

    As the answer to a close, `changed` is what this close moved: 0 when it is repeated with nothing new.
    """

    month: Month
    revision: int
    customers: int
    changed: int
    policy_version: int
    tiers: dict[str, TierShare]
    moves: dict[str, int]
    stale: bool
    """Something came in since that no revision has taken up."""
    revision_due_at: datetime | None

    @classmethod
    def of(cls, closed: ClosedMonth, quiet: timedelta) -> "MonthOut":
        return cls(
            **{name: getattr(closed, name) for name in cls.model_fields if name != "revision_due_at"},
            revision_due_at=closed.revision_due_at(quiet),
        )


@routes.post("/months/{month}/close")
@raises(MonthNotOver, MonthSkipped, MonthWithoutData)
async def close_month(month: MonthWritten, context: Injected[Context]) -> MonthOut:
    """Closes a month: tiers fall to what it earned. Repeating it takes up what came late, else changes nothing."""
    return MonthOut.of(await closing.close_month(context, Month.parse(month)), context.revised_after)


@routes.get("/months/{month}")
@raises(MonthNotClosed)
async def read_month(month: MonthWritten, context: Injected[Context]) -> MonthOut:
    """A closed month: whether something has come in since, and when that is taken up."""
    return MonthOut.of(await queries.closed_month(context, Month.parse(month)), context.revised_after)


@routes.get("/months")
async def list_months(context: Injected[Context], paging: Paging) -> Page[MonthOut]:
    """Closed months, oldest first."""
    shown = partial(MonthOut.of, quiet=context.revised_after)
    return await paging.page(BY_MONTH, {}, partial(queries.closed_months, context), shown)
