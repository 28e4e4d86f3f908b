"""GET /reporting/v1/customers/{id} and its timeline."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from services.reporting.context import Context
from services.reporting.customer360 import queries
from services.reporting.customer360.domain import Customer360
from services.reporting.timeline.api import TimelineEntryOut
from services.reporting.timeline.domain import TimelineEntry
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Order, Page, PageAsked, Paging
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/reporting/v1", "customer 360")

NEWEST_FIRST: Order[TimelineEntry, tuple[datetime, UUID]] = Order(
    lambda entry: (entry.at, entry.event_id), lambda at, event_id: (datetime.fromisoformat(at), UUID(event_id))
)


async def _first_page(request: Request) -> PageAsked:
    return PageAsked(request.app.state.cursors, "read_customer_timeline", None, queries.LATEST)


FirstPage = Annotated[PageAsked, Depends(_first_page)]
"""The first page of the timeline, which the customer's page shows: its cursor goes on with GET …/timeline."""


class NamedOut(BaseModel):
    """Something by id, and by name where the directory knows it."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str | None


class CaseOut(BaseModel):
    """A complaint with the clock of its present round."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    number: str | None
    kind: str | None
    subject: str | None
    channel: str | None
    tier: str | None = Field(description="the customer's tier when it was recorded")
    state: str
    overdue: bool
    round: int
    opened_at: datetime | None
    answer_due_at: datetime | None = Field(description="until when the answer is due; null while the clock is paused")
    answered_at: datetime | None = Field(description="when this round's clock was stopped")
    escalation_level: int
    repeat_count: int = Field(description="the how-manieth of its kind in the month: 1 the first, 0 does not count")
    responsible_id: UUID | None
    accountable_id: UUID | None
    notice_number: str | None
    notice_deadline: datetime | None
    notice_acknowledged_at: datetime | None
    taken_over: bool


class TouchOut(BaseModel):
    """A touch: planned, made or missed."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    kind: str
    role: str
    contact: str
    assignee_id: UUID | None
    state: str
    not_before: datetime | None
    due_at: datetime
    done_at: datetime | None
    missed_at: datetime | None
    minutes: int | None
    recorded_late: bool = Field(description="entered after its day")
    excuse: str | None = Field(description="`leave` or `closed`: why nobody is charged for the miss")
    make_good_until: datetime | None = Field(description="until when the miss is to be made good, if that was ordered")
    made_good_at: datetime | None = Field(description="when the miss was made good")
    make_good_missed_at: datetime | None = Field(description="when the time to make it good ended without that")


class TouchesOut(BaseModel):
    """How many touches stand in each state, the last one done, the next one due, and the recent ones."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)
    open: int = 0
    done: int = 0
    missed: int = 0
    dropped: int = 0
    last: TouchOut | None
    next: TouchOut | None
    recent: list[TouchOut]


class PurchaseOut(BaseModel):
    """A purchase; a return is negative and names the purchase that it returns."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    amount: Decimal
    occurred_at: datetime
    brand: NamedOut | None
    external_no: str | None
    returns_id: UUID | None


class PurchasesOut(BaseModel):
    """All purchases in figures (CNY, returns taken off), and the last ones."""

    model_config = ConfigDict(from_attributes=True)
    count: int
    returns: int
    sum: Decimal
    first_at: datetime | None
    last_at: datetime | None
    recent: list[PurchaseOut]


class Customer360Out(BaseModel):
    """One customer, everything, as of now. What no event has told yet is null or empty."""

    id: UUID
    name: str | None = Field(description="a store's trading name; a person appears by number only")
    kind: str | None
    external_no: str | None
    tier: str | None
    tier_since: datetime | None
    registered_at: datetime | None
    region: NamedOut | None
    team: dict[str, NamedOut] = Field(description="role -> who serves this customer")
    complaints: list[CaseOut] = Field(description="all of them, newest first")
    touches: TouchesOut
    purchases: PurchasesOut
    timeline: list[TimelineEntryOut] = Field(description="the latest, newest first")
    timeline_next: str | None = Field(description="cursor for GET …/timeline, null when this is all")

    @classmethod
    def of(cls, seen: Customer360, timeline: Sequence[TimelineEntry], timeline_next: str | None) -> "Customer360Out":
        said = {name: getattr(seen, name) for name in cls.model_fields if name not in ("timeline", "timeline_next")}
        return cls.model_validate({**said, "timeline": timeline, "timeline_next": timeline_next})


@routes.get("/customers/{customer_id}")
@raises(CustomerNotFound)
async def read_customer_360(
    customer_id: UUID, context: Injected[Context], caller: Caller, page: FirstPage
) -> Customer360Out:
    """One customer: standing facts, team, all complaints, touches, purchases, and the latest of the timeline."""
    seen = await queries.read_customer(context, customer_id, viewer=viewer(caller))
    return Customer360Out.of(seen, *page.cut(seen.timeline, NEWEST_FIRST, {"customer_id": customer_id}))


@routes.get("/customers/{customer_id}/timeline")
@raises(CustomerNotFound)
async def read_customer_timeline(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[TimelineEntryOut]:
    """Every touch, complaint and purchase of a customer as one timeline, newest first."""

    async def read(after: tuple[datetime, UUID] | None, most: int) -> list[TimelineEntry]:
        return await queries.read_timeline(context, customer_id, after, most, viewer=viewer(caller))

    return await paging.page(NEWEST_FIRST, {"customer_id": customer_id}, read, TimelineEntryOut.model_validate)
