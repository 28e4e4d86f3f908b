"""Routes of faults: the notice, and what the promise costs who made it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import ColleagueOut
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.faults import handlers, queries
from services.complaints.faults.domain import (
    FaultCostStands,
    FaultNoticeNotFound,
    FaultNotUpheld,
    NoFaultCost,
    OwnFault,
    ReadFault,
)
from services.complaints.internal_cases.api import InternalId
from shared.auth.visibility import viewer, viewer_of_money
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Reason
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney

routes = router("/complaints/v1", "internal")


class FaultCostIn(BaseModel):
    """What the promise costs who made it."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[SomeMoney, Field(description="CNY, all of it on who promised, whatever penalties come to")]
    reason: Annotated[Reason, Field(description="why so much, 1 to 2,000 characters; kept sealed")]


class FaultCostReversalIn(BaseModel):
    """Why it is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why it is taken back, 1 to 2,000 characters; kept sealed")]


class FaultCostOut(BaseModel):
    """What was decided, and booked."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the decision (UUIDv7)")
    amount: Money = Field(description="CNY")
    reason: str = Field(description="why so much")
    decided_at: datetime = Field(description="when it was decided, and booked")
    decided_by: UUID = Field(description="who decided it")
    booking_id: UUID = Field(description="the booking in the ledger")
    reversed_at: datetime | None = Field(description="when it was taken back; null while it stands")
    reversed_by: UUID | None = Field(description="who took it back; null while it stands")
    reversal_reason: str | None = Field(description="why it was taken back; null while it stands")


class FaultOut(BaseModel):
    """A notice of fault, and what the fault costs."""

    internal_id: UUID = Field(description="the internal case")
    number: Annotated[str, Field(description="the number of the notice of fault", examples=["F20261120-000003"])]
    commitment_id: UUID = Field(description="the promise")
    complaint_id: UUID | None = Field(description="the case in which it was promised; null outside of any")
    to: ColleagueOut = Field(description="who promised it, and pays")
    issued_at: datetime = Field(description="when the notice was issued")
    costs: list[FaultCostOut] = Field(
        description="what was decided, in its order; all but one are taken back. Empty for who does not see it"
    )

    @classmethod
    def of(cls, read: ReadFault) -> "FaultOut":
        notice = read.notice
        return cls(
            internal_id=notice.internal_id,
            number=notice.number,
            commitment_id=notice.commitment_id,
            complaint_id=notice.complaint_id,
            to=ColleagueOut(id=notice.to_id, name=read.to_name),
            issued_at=notice.issued_at,
            costs=[FaultCostOut.model_validate(each) for each in read.costs],
        )


@routes.get("/internal/{id}/fault")
@raises(ComplaintNotFound, FaultNoticeNotFound)
async def read_fault(id: InternalId, context: Injected[Context], caller: Caller) -> FaultOut:
    """The notice of fault of an internal case. What was decided that it costs is shown to whom it concerns, those above
    them, the customer-service manager, the general manager and administration."""
    read = await queries.read(context, id, viewer=viewer(caller), viewer_of_money=viewer_of_money(caller))
    return FaultOut.of(read)


@routes.post("/internal/{id}/fault-cost")
@raises(ComplaintNotFound, FaultCostStands, FaultNoticeNotFound, FaultNotUpheld, OwnFault)
async def decide_fault_cost(id: InternalId, body: FaultCostIn, context: Injected[Context], caller: Caller) -> FaultOut:
    """Decides what a promise outside the rules costs, and books all of it on who made it: by administration, by the
    general manager where somebody of administration pays, and never by who pays."""
    await handlers.decide_cost(context, id, body.amount, body.reason, caller)
    return FaultOut.of(await queries.read(context, id, viewer=None, viewer_of_money=None))


@routes.post("/internal/{id}/fault-cost/reversal")
@raises(ComplaintNotFound, FaultNoticeNotFound, NoFaultCost, OwnFault)
async def reverse_fault_cost(
    id: InternalId, body: FaultCostReversalIn, context: Injected[Context], caller: Caller
) -> FaultOut:
    """Takes back what was decided, once, by a booking against it in the open month; it is audited. Then it may be
    decided anew."""
    await handlers.reverse_cost(context, id, body.reason, caller)
    return FaultOut.of(await queries.read(context, id, viewer=None, viewer_of_money=None))
