"""Routes of early warnings."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.early_warnings import queries
from services.customers.early_warnings.domain.warnings import ReadWarning
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.contracts.early_warnings import EndOfWarning, ReasonCode, TieKind, TieSource
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/customers/v1", "early warnings")

_LATEST: Final[Order[ReadWarning, UUID]] = Order(lambda warned: (warned.id,), UUID)
Figure = Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")]


class ReasonOut(BaseModel):
    """Why somebody is warned of, with the figures that it has; the others are null."""

    model_config = ConfigDict(from_attributes=True)

    code: ReasonCode = Field(description="why")
    days: int | None = Field(description="interval: so many days have passed since the last purchase")
    usual: Figure | None = Field(description="interval: the own rhythm in days; null before there is one")
    change: Figure | None = Field(
        description="trend: the mean of the last two complete months against that of the four before, such as -0.31"
    )
    count: int | None = Field(description="overdue, missed, dissatisfied, consent: how often within 60 days")
    on: date | None = Field(description="when last; of a tie, when it ends")
    share: Figure | None = Field(
        description="0 to 1: of alive the chance, of dissatisfied what was perceived of what was expected"
    )
    tie_id: UUID | None = Field(
        description="tie: the one that ends first, or the contract or the agreement that ties by itself; null: raised "
        "before this was kept"
    )
    tie_kind: TieKind | None = Field(description="tie: what kind it is; null likewise")
    tie_source: TieSource | None = Field(description="tie: where it comes from; null likewise")


class WarningOut(BaseModel):
    """Who is about to leave, and why."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    customer_id: UUID
    customer_name: str | None
    number: int = Field(validation_alias="version", description="how often it was told: once more for each change")
    raised_on: date = Field(
        description="the day on which what raised it first held, in the company's zone, whenever that was noticed"
    )
    since: date | None = Field(
        description="the day since which it stands as it was told last: raised, with a new reason, or ended; null: "
        "told before this was kept"
    )
    noticed_at: datetime | None = Field(description="when that was noticed; null: on the day, or told before likewise")
    reasons: list[ReasonOut] = Field(description="why, as told last: what raises a warning first")
    ended_at: datetime | None = Field(description="when it ended; null: it stands")
    ended_by: EndOfWarning | None = Field(description="what ended it; null: it stands")
    policy_version: int | None = Field(
        description="which version of the policy of worth judged it last; null: judged before this was kept"
    )
    policy_id: UUID | None = Field(description="the id of that version; null likewise")


@routes.get("/warnings")
async def list_warnings(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    open: Annotated[bool | None, Query(description="only those that stand, or only those that have ended")] = None,
    standing: Annotated[bool | None, Query(description="the same, as other lists call it")] = None,
    tier: Annotated[Tier | None, Query(description="only of customers of this tier")] = None,
    served_by: Annotated[UUID | None, Query(description="only of customers on whose team this colleague is")] = None,
) -> Page[WarningOut]:
    """Warnings of customers whom the caller sees, the latest first."""
    filters = {"open": open, "standing": standing, "tier": tier, "served_by": served_by}
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(_LATEST, filters, read, WarningOut.model_validate)


@routes.get("/customers/{customer_id}/warnings")
@raises(CustomerNotFound)
async def list_customer_warnings(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[WarningOut]:
    """A customer's warnings, the latest first."""
    read = partial(queries.of_customer, context, customer_id, viewer=viewer(caller))
    return await paging.page(_LATEST, {"customer_id": customer_id}, read, WarningOut.model_validate)
