"""Customer 360: fills timelines and standing facts, and reads them together with cases and touches."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from asyncpg import Record

from services.reporting.complaints import store as complaints
from services.reporting.context import Context
from services.reporting.customer360 import store
from services.reporting.customer360.store import Entry, Purchase, Told
from services.reporting.service import store as service
from shared import directory
from shared.bus.event import Event
from shared.contracts import customers
from shared.db import Connection
from shared.directory import StaffMember
from shared.errors import NotFound
from shared.reactions import latest

PATIENCE_SECONDS = 2.0
"""How long a request waits for a customer who has not been heard of (decision "reading one's own writes")."""
_LOOK_EVERY = 0.05
LATEST = 50
LAST_PURCHASES = 10


class CustomerNotFound(NotFound):
    slug = "customer-not-found"
    title = "There is no such customer"


@dataclass(frozen=True, slots=True)
class Customer360:
    """Everything about one customer as of now."""

    id: UUID
    facts: Record
    """What customers said: all null when only other services named them."""
    complaints: Sequence[Record]
    touches: service.Touches
    purchases: Sequence[Purchase]
    timeline: Sequence[Told]
    staff: dict[UUID, StaffMember]
    names: dict[UUID, str]


async def register_customers(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(customers.CustomerRegistered) for event in events]
    await store.keep_registered(transaction, latest(facts, lambda fact: fact.customer_id))


async def update_customers(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(customers.CustomerUpdated) for event in events]
    await store.keep_updated(transaction, latest(facts, lambda fact: fact.customer_id))


async def change_teams(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(customers.AccountTeamChanged) for event in events]
    await store.keep_teams(transaction, latest(facts, lambda fact: fact.customer_id))


async def change_tiers(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = [event.read(customers.TierChanged) for event in events]
    await store.keep_tiers(transaction, latest(facts, lambda fact: fact.customer_id))


async def record_purchases(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Writes purchases into their timelines, counts and sums them."""
    facts = [event.read(customers.PurchaseRecorded) for event in events]
    await store.tell_purchases(transaction, events[0].type, _priced(events, facts))


async def record_returns(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The same for returns, which take away from the sum."""
    facts = [event.read(customers.PurchaseReturned) for event in events]
    await store.tell_returns(transaction, events[0].type, _priced(events, facts))


def _priced(
    events: Sequence[Event], facts: Iterable[customers.PurchaseRecorded | customers.PurchaseReturned]
) -> list[Entry]:
    return [
        Entry(fact.customer_id, fact.occurred_at, event.id, event.data, fact.amount)
        for event, fact in zip(events, facts, strict=True)
    ]


async def tell(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Writes events of any other type into the timelines of the customers whom they name."""
    entries = [entry for event in events if (entry := _entry(event)) is not None]
    if entries:
        await store.tell(transaction, events[0].type, entries)


def _entry(event: Event) -> Entry | None:
    """The event's line; it happened when the fact says so, else when the event was made."""
    data = orjson.loads(event.data)
    if data.get("customer_id") is None:
        return None
    said = data.get("at") or data.get("registered_at")
    at = datetime.fromisoformat(said) if said else event.time
    return Entry(UUID(data["customer_id"]), at, event.id, event.data)


async def read_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Customer360:
    """One customer, everything, as of now.

    Raises CustomerNotFound when no event has named them, or none that seats the viewer or their people.
    """
    facts = await _known(context, customer_id, viewer)
    now = context.clock.now()
    async with context.database.connection() as reader:
        purchases = await store.last_purchases(reader, customer_id, _how_many(facts))
        return Customer360(
            id=customer_id,
            facts=facts,
            complaints=await complaints.cases_of(reader, customer_id, now),
            touches=await service.touches_of(reader, customer_id),
            purchases=purchases,
            timeline=await store.timeline(reader, customer_id, None, LATEST + 1),
            staff=await directory.staff(reader, [UUID(staff_id) for staff_id in (facts["team"] or {}).values()]),
            names=await store.names(reader, list(_named(customer_id, facts, purchases))),
        )


def _how_many(facts: Record) -> int:
    """How many purchases to look for: never more than there are, so that the search ends with the last one."""
    return min(LAST_PURCHASES, (facts["purchases"] or 0) + (facts["returns"] or 0))


def _named(customer_id: UUID, facts: Record, purchases: Iterable[Purchase]) -> set[UUID]:
    """What is called by name in the answer: the store, its region, the brands."""
    brands = [purchase.brand_id for purchase in purchases]
    return {id_ for id_ in (customer_id, facts["region_id"], *brands) if id_ is not None}


async def read_timeline(
    context: Context, customer_id: UUID, after: tuple[datetime, UUID] | None, limit: int, *, viewer: UUID | None
) -> list[Told]:
    """A page of the timeline, newest first. Raises CustomerNotFound as `read_customer` does."""
    await _known(context, customer_id, viewer)
    async with context.database.connection() as reader:
        return await store.timeline(reader, customer_id, after, limit)


async def _known(context: Context, customer_id: UUID, viewer: UUID | None) -> Record:
    """Waits a moment for a customer who may just have been registered; holds no connection meanwhile."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_SECONDS
    while True:
        async with context.database.connection() as reader:
            known = await store.known(reader, customer_id, viewer)
        if known is not None:
            return known
        if loop.time() > until:
            raise CustomerNotFound("no customer with this id has been heard of; check the id")
        await asyncio.sleep(_LOOK_EVERY)
