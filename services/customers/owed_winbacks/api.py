"""The route of win-backs that are owed."""

from datetime import date
from functools import partial
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.customers.context import Context
from services.customers.owed_winbacks import queries
from services.customers.owed_winbacks.domain import OwedBecause, OwedWinback
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.contracts.losses import ChurnKind
from shared.http.context import Injected
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Sum

routes = router("/customers/v1", "winbacks")

_BY_DEADLINE: Final[Order[OwedWinback, tuple[date, UUID]]] = Order(
    lambda owed: (owed.due_on, owed.customer_id), lambda due_on, id_: (date.fromisoformat(due_on), UUID(id_))
)


class OwedWinbackOut(BaseModel):
    """Somebody who is to be won back by the policy of their tier, and for whom nobody has opened a case."""

    customer_id: UUID
    customer_name: str | None
    because: OwedBecause = Field(description="why a case is owed")
    since: date = Field(description="since which day it is lost, or warned of, in the company's zone")
    due_on: date = Field(
        description="the last day on which a case is in time by the policy that holds: unless it says otherwise, of an "
        "A the day on which that was found, of others as many days later as the visit may take, or else the call"
    )
    overdue: bool = Field(description="whether that day is over")
    tier: Tier = Field(description="the best tier of the year that ended with the last purchase: by it a case is owed")
    yearly: Sum = Field(description="what was bought in the twelve months up to the last purchase, CNY, net of returns")
    loss_id: UUID | None = Field(description="the loss; null of who is warned of")
    warning_id: UUID | None = Field(description="the warning; null of who is lost")
    kind: ChurnKind | None = Field(description="how it left; null until somebody says")
    cause: str | None = Field(description="why: a code; null until somebody says")

    @classmethod
    def of(cls, owed: OwedWinback, today: date) -> Self:
        same = {name: getattr(owed, name) for name in cls.model_fields if name != "overdue"}
        return cls(overdue=owed.overdue(today), **same)


@routes.get("/winbacks/owed")
async def list_owed_winbacks(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query(description="only of this customer")] = None,
    tier: Annotated[Tier | None, Query(description="only of this tier")] = None,
    served_by: Annotated[UUID | None, Query(description="only of customers on whose team this colleague is")] = None,
    overdue: Annotated[bool | None, Query(description="only those that are late, or only those that are not")] = None,
) -> Page[OwedWinbackOut]:
    """Customers whom the caller sees and for whom a case should be opened (`POST /customers/v1/winbacks`), the earliest
    due first. None opens by itself."""
    filters = {"customer_id": customer_id, "tier": tier, "served_by": served_by, "overdue": overdue}
    today = context.today()
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(_BY_DEADLINE, filters, read, lambda owed: OwedWinbackOut.of(owed, today))
