"""GET /reporting/v1/customers/{id} and its timeline."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.reporting.context import InContext
from services.reporting.customer360 import queries
from services.reporting.customer360.domain import Purchase
from services.reporting.customer360.queries import Customer360
from services.reporting.timeline.domain import TimelineEntry
from shared.auth.visibility import viewer
from shared.http.paging import DEFAULT_LIMIT, Cursor, Cursors, Limit, Page
from shared.http.routing import Caller, router
from shared.money import ZERO

routes = router("/reporting/v1", "customer 360")


class NamedOut(BaseModel):
    """Something by id, and by name where the directory knows it."""

    id: UUID
    name: str | None


class CaseOut(BaseModel):
    """A complaint with the clock of its present round."""

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
    answer_due_at: datetime | None = Field(description="null while the clock is paused")
    answered_at: datetime | None = Field(description="when this round's clock was stopped")
    escalation_level: int
    responsible_id: UUID | None
    taken_over: bool


class TouchOut(BaseModel):
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


class TouchesOut(BaseModel):
    """How many touches stand in each state, the last one done, the next one due, and the recent ones."""

    open: int = 0
    done: int = 0
    missed: int = 0
    dropped: int = 0
    last: TouchOut | None
    next: TouchOut | None
    recent: list[TouchOut]


class PurchaseOut(BaseModel):
    """A purchase; a return is negative and names the purchase that it returns."""

    id: UUID
    amount: Decimal
    occurred_at: datetime
    brand: NamedOut | None
    external_no: str | None
    returns_id: UUID | None


class PurchasesOut(BaseModel):
    """All purchases in figures (CNY, returns taken off), and the last ones."""

    count: int
    returns: int
    sum: Decimal
    first_at: datetime | None
    last_at: datetime | None
    recent: list[PurchaseOut]


class TimelineEntryOut(BaseModel):
    """One event: `data` are the fields of its contract."""

    model_config = ConfigDict(from_attributes=True)
    at: datetime
    event_id: UUID
    type: str = Field(examples=["crm.complaint.opened"])
    data: dict[str, Any]


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
    def of(cls, seen: Customer360, cursors: Cursors) -> "Customer360Out":
        facts = seen.facts
        timeline, following = _page(cursors, seen.id, seen.timeline, queries.LATEST)
        region_id = facts["region_id"]
        return cls(
            id=seen.id,
            name=seen.names.get(seen.id),
            kind=facts["kind"],
            external_no=facts["external_no"],
            tier=facts["tier"],
            tier_since=facts["tier_since"],
            registered_at=facts["registered_at"],
            region=NamedOut(id=region_id, name=seen.names.get(region_id)) if region_id else None,
            team=_team(seen),
            complaints=[CaseOut(**dict(case)) for case in seen.complaints],
            touches=_touches(seen),
            purchases=_purchases(seen),
            timeline=timeline,
            timeline_next=following,
        )


def _team(seen: Customer360) -> dict[str, NamedOut]:
    members = {role: UUID(staff_id) for role, staff_id in (seen.facts["team"] or {}).items()}
    return {
        role: NamedOut(id=id_, name=seen.staff[id_].name if id_ in seen.staff else None)
        for role, id_ in members.items()
    }


def _touches(seen: Customer360) -> TouchesOut:
    touches = seen.touches
    return TouchesOut(
        **touches.counts,
        last=TouchOut(**dict(touches.last)) if touches.last else None,
        next=TouchOut(**dict(touches.next)) if touches.next else None,
        recent=[TouchOut(**dict(touch)) for touch in touches.recent],
    )


def _purchases(seen: Customer360) -> PurchasesOut:
    facts = seen.facts
    return PurchasesOut(
        count=facts["purchases"] or 0,
        returns=facts["returns"] or 0,
        sum=facts["purchased"] or ZERO,
        first_at=facts["first_purchase_at"],
        last_at=facts["last_purchase_at"],
        recent=[_purchase(purchase, seen.names) for purchase in seen.purchases],
    )


def _purchase(purchase: Purchase, names: dict[UUID, str]) -> PurchaseOut:
    brand_id = purchase.brand_id
    return PurchaseOut(
        id=purchase.id,
        amount=purchase.amount,
        occurred_at=purchase.occurred_at,
        brand=NamedOut(id=brand_id, name=names.get(brand_id)) if brand_id else None,
        external_no=purchase.external_no,
        returns_id=purchase.returns_id,
    )


def _page(
    cursors: Cursors, customer_id: UUID, entries: Sequence[TimelineEntry], limit: int
) -> tuple[list[TimelineEntryOut], str | None]:
    page, following = cursors.page(
        entries, limit, {"timeline_of": customer_id}, lambda entry: (entry.at.isoformat(), entry.event_id)
    )
    return [TimelineEntryOut.model_validate(entry) for entry in page], following


@routes.get("/customers/{customer_id}")
async def read_customer_360(customer_id: UUID, context: InContext, caller: Caller) -> Customer360Out:
    """One customer: standing facts, team, all complaints, touches, purchases, and the latest of the timeline."""
    seen = await queries.read_customer(context, customer_id, viewer=viewer(caller))
    return Customer360Out.of(seen, context.cursors)


@routes.get("/customers/{customer_id}/timeline")
async def read_customer_timeline(
    customer_id: UUID, context: InContext, caller: Caller, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[TimelineEntryOut]:
    """Every touch, complaint and purchase of a customer as one timeline, newest first."""
    after = context.cursors.read(cursor, {"timeline_of": customer_id})
    place = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else None
    entries = await queries.read_timeline(context, customer_id, place, limit + 1, viewer=viewer(caller))
    items, following = _page(context.cursors, customer_id, entries, limit)
    return Page(items=items, next=following)
