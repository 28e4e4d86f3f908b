"""Routes of closed months."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel

from services.customers.context import InContext
from services.customers.tiers import queries
from services.customers.tiers.domain.months import ClosedMonth
from services.customers.tiers.handlers import closing
from shared.contracts.customers import TierShare
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import router
from shared.months import Month

routes = router("/customers/v1", "tiers")

MonthWritten = Annotated[str, Path(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-11"])]


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
    """Something came in since; the next close takes it up."""

    @classmethod
    def of(cls, closed: ClosedMonth) -> "MonthOut":
        return cls(
            month=closed.month,
            revision=closed.revision,
            customers=closed.customers,
            changed=closed.changed,
            policy_version=closed.policy_version,
            tiers=closed.tiers,
            moves=closed.moves,
            stale=closed.stale,
        )


@routes.post("/months/{month}/close")
async def close_month(month: MonthWritten, context: InContext) -> MonthOut:
    """Closes a month: tiers fall to what it earned. Repeating it takes up what came late, else changes nothing."""
    return MonthOut.of(await closing.close_month(context, Month.parse(month)))


@routes.get("/months")
async def list_months(context: InContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[MonthOut]:
    """Closed months, oldest first."""
    after = context.cursors.read(cursor, {"list": "months"}) or [-1]
    found = await queries.closed_after(context, int(after[0]), limit + 1)
    items, following = context.cursors.page(found, limit, {"list": "months"}, lambda m: [m.month.ordinal])
    return Page(items=[MonthOut.of(month) for month in items], next=following)
