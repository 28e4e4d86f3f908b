"""Customer 360: reads standing facts together with cases, touches, purchases and the timeline."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from asyncpg import Record

from services.reporting.complaints import queries as complaints
from services.reporting.context import Context
from services.reporting.customer360.domain import CustomerNotFound, Purchase
from services.reporting.service import queries as service
from services.reporting.timeline import queries as timeline
from services.reporting.timeline.domain import TimelineEntry
from shared import directory
from shared.auth.visibility import subordinates
from shared.contracts import customers
from shared.db import Connection
from shared.directory import StaffMember

PATIENCE_SECONDS = 2.0
"""How long a request waits for a customer who has not been heard of (decision "reading one's own writes")."""
_LOOK_EVERY = 0.05
LATEST = 50
LAST_PURCHASES = 10

_KNOWN = f"""
SELECT c.*, c.id IS NOT NULL OR EXISTS (SELECT FROM timeline WHERE customer_id = $1)
       OR EXISTS (SELECT FROM complaint WHERE customer_id = $1) OR EXISTS (SELECT FROM touch WHERE customer_id = $1)
       AS named
FROM (VALUES ($1::uuid)) AS asked (id) LEFT JOIN customer c ON c.id = asked.id
WHERE $2::uuid IS NULL
   OR EXISTS (SELECT FROM jsonb_each_text(c.team) AS t (role, staff_id)
              WHERE t.staff_id::uuid IN ({subordinates("$2")}))
"""  # noqa: S608  names of ours
_PURCHASES = """
SELECT at, amount, data FROM timeline
WHERE customer_id = $1 AND type = ANY($2::text[])
ORDER BY at DESC, event_id DESC LIMIT $3
"""
_PURCHASE_TYPES = [customers.PurchaseRecorded.TYPE, customers.PurchaseReturned.TYPE]


@dataclass(frozen=True, slots=True)
class Customer360:
    """Everything about one customer as of now."""

    id: UUID
    facts: Record
    """What customers said: all null when only other services named them."""
    complaints: Sequence[Record]
    touches: service.Touches
    purchases: Sequence[Purchase]
    timeline: Sequence[TimelineEntry]
    staff: dict[UUID, StaffMember]
    names: dict[UUID, str]


async def read_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Customer360:
    """One customer, everything, as of now.

    Raises CustomerNotFound when no event has named them, or none that seats the viewer or their people.
    """
    facts = await _known(context, customer_id, viewer)
    now = context.clock.now()
    async with context.database.connection() as reader:
        purchases = await _last_purchases(reader, customer_id, _how_many(facts))
        return Customer360(
            id=customer_id,
            facts=facts,
            complaints=await complaints.cases_of(reader, customer_id, now),
            touches=await service.touches_of(reader, customer_id),
            purchases=purchases,
            timeline=await timeline.entries(reader, customer_id, None, LATEST + 1),
            staff=await directory.staff(reader, [UUID(staff_id) for staff_id in (facts["team"] or {}).values()]),
            names=await _names(reader, list(_named(customer_id, facts, purchases))),
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
) -> list[TimelineEntry]:
    """A page of the timeline, newest first. Raises CustomerNotFound as `read_customer` does."""
    await _known(context, customer_id, viewer)
    async with context.database.connection() as reader:
        return await timeline.entries(reader, customer_id, after, limit)


async def _known(context: Context, customer_id: UUID, viewer: UUID | None) -> Record:
    """Waits a moment for a customer who may just have been registered; holds no connection meanwhile."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_SECONDS
    while True:
        async with context.database.connection() as reader:
            known = await _find(reader, customer_id, viewer)
        if known is not None:
            return known
        if loop.time() > until:
            raise CustomerNotFound("no customer with this id has been heard of; check the id")
        await asyncio.sleep(_LOOK_EVERY)


async def _find(reader: Connection, customer_id: UUID, viewer: UUID | None) -> Record | None:
    """What customers said of somebody, with null for all of it when only others named them; None when nobody did, or
    when the viewer does not see that customer."""
    row = await reader.fetchrow(_KNOWN, customer_id, viewer)
    return row if row is not None and row["named"] else None


async def _last_purchases(reader: Connection, customer_id: UUID, limit: int) -> list[Purchase]:
    """The last purchases and returns, newest first."""
    rows = await reader.fetch(_PURCHASES, customer_id, _PURCHASE_TYPES, limit)
    return [_purchase(row) for row in rows]


def _purchase(row: Record) -> Purchase:
    data = orjson.loads(row["data"])
    purchase_id, return_id, brand_id = UUID(data["purchase_id"]), data.get("return_id"), data.get("brand_id")
    return Purchase(
        id=UUID(return_id) if return_id else purchase_id,
        amount=row["amount"],
        occurred_at=row["at"],
        brand_id=UUID(brand_id) if brand_id else None,
        external_no=data.get("external_no"),
        returns_id=purchase_id if return_id else None,
    )


async def _names(reader: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the directory calls these stores, regions and brands."""
    rows = await reader.fetch("SELECT id, name FROM directory_name WHERE id = ANY($1::uuid[])", ids)
    return {row["id"]: row["name"] for row in rows}
