"""Routes of signals."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.signals import queries
from services.customers.signals.domain import SignalNotFound, SignalSort
from services.customers.signals.queries import ReadSignal
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.contracts.signals import SignalCode, SignalEnd, SignalKind
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Sum

routes = router("/customers/v1", "signals")

_BY_POTENTIAL: Order[ReadSignal, tuple[Decimal, UUID]] = Order(
    lambda signal: (queries.UNSAID if signal.potential is None else signal.potential, signal.id),
    lambda potential, id_: (Decimal(potential), UUID(id_)),
)
SignalId = Annotated[UUID, Path(description="the signal's id")]


class SignalReasonOut(BaseModel):
    """Why a signal is given, with the figures of its code; the others are null."""

    model_config = ConfigDict(from_attributes=True)

    code: SignalCode = Field(description="why")
    before: Sum | None = Field(description="the average of the months before, CNY of mid-grade terms")
    now: Sum | None = Field(description="the average of the late months, or where the trend stands, CNY likewise")
    rise: Sum | None = Field(description="by how much the trend rises a month, CNY likewise")
    threshold: Sum | None = Field(description="what the next tier asks of a month, CNY likewise")
    months: int | None = Field(description="in how many months the trend is there; 1: in the running one")
    days: Decimal | None = Field(description="how many days overdue, or later than before on average")
    on: date | None = Field(description="when it was last said that it orders elsewhere")
    competitor_id: UUID | None = Field(description="from whom it is said to order; null also where nobody knows")


class SignalOut(BaseModel):
    """A signal from its beginning to its end."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the signal's id (UUIDv7)")
    customer_id: UUID
    customer_name: str | None
    kind: SignalKind = Field(description="what it says")
    tier: Tier = Field(description="the customer's tier at its beginning")
    leads_to: Tier | None = Field(description="the tier to which a rising star rises; else null")
    reasons: list[SignalReasonOut] = Field(description="why, as of the last day on which it was looked for")
    policy_version: int = Field(description="by which version of the policy it began")
    began_at: datetime = Field(description="when it was found")
    ended_at: datetime | None = Field(description="when it was found to be over; null while it stands")
    cause: SignalEnd | None = Field(description="why it is over; null while it stands")
    potential: Sum | None = Field(description="what staff say it could buy a month, CNY; null where nobody said")


@routes.get("/signals")
async def list_signals(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    kind: Annotated[SignalKind | None, Query(description="only those of this kind")] = None,
    tier: Annotated[Tier | None, Query(description="only those of customers who had this tier")] = None,
    region_id: Annotated[
        UUID | None, Query(description="only those of this region's customers and those in it")
    ] = None,
    staff_id: Annotated[UUID | None, Query(description="only those of customers whom this colleague serves")] = None,
    customer_id: Annotated[UUID | None, Query(description="only those of this customer")] = None,
    standing: Annotated[bool | None, Query(description="only those that stand, or only those that are over")] = None,
    sort: Annotated[
        SignalSort, Query(description="the latest first, or those first whose customers could buy the most")
    ] = "latest",
) -> Page[SignalOut]:
    """Signals of customers whom the caller sees, the latest first: rising stars, whom to watch, who may go to a
    competitor. They are looked for once a day, and of a store when it is reported to order elsewhere."""
    filters = {
        "kind": kind,
        "tier": tier,
        "region_id": region_id,
        "staff_id": staff_id,
        "customer_id": customer_id,
        "standing": standing,
    }
    if sort == "potential":
        most_first = partial(queries.by_potential, context, filters, viewer=viewer(caller))
        return await paging.page(_BY_POTENTIAL, {**filters, "sort": sort}, most_first, SignalOut.model_validate)
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, SignalOut.model_validate)


@routes.get("/signals/{signal_id}")
@raises(SignalNotFound)
async def read_signal(signal_id: SignalId, context: Injected[Context], caller: Caller) -> SignalOut:
    """One signal."""
    return SignalOut.model_validate(await queries.read(context, signal_id, viewer=viewer(caller)))
