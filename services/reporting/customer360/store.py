"""What customers say of a customer, in the database."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.reporting.customer360.domain import Undone
from services.reporting.customer360.tables import CustomerRow
from services.reporting.timeline import store as timeline
from services.reporting.timeline.domain import NewTimelineEntry
from services.reporting.timeline.tables import TimelineRow
from shared.contracts import customers
from shared.db import Connection
from shared.statement import Statement, by_column, excluded, table, upsert_many

_GIVEN = excluded(CustomerRow)

KEEP_REGISTERED = Statement(
    upsert_many(
        CustomerRow, "id", "kind", "external_no", "region_id", "tier", "tier_since", "registered_at",
        keep={name: func.coalesce(table(CustomerRow).c[name], _GIVEN[name]) for name in ("tier", "tier_since")},
    )
)  # fmt: skip
"""A tier that stands already was moved to after the registration."""
KEEP_UPDATED = Statement(
    upsert_many(
        CustomerRow, "id", "kind", "external_no", "region_id", "registered_at",
        keep={"registered_at": func.coalesce(_GIVEN.registered_at, table(CustomerRow).c.registered_at)},
    )
)  # fmt: skip
"""What an earlier release told does not say when the customer was registered."""
KEEP_WITHDRAWN = Statement(upsert_many(CustomerRow, "id", "withdrawn_at"))
KEEP_TEAM = Statement(upsert_many(CustomerRow, "id", "team"))
KEEP_TIER = Statement(upsert_many(CustomerRow, "id", "tier", "tier_since"))

_ADDED = timeline.ADD.returning(col(TimelineRow.customer_id), col(TimelineRow.at), col(TimelineRow.amount)).cte("added")
"""The entries that did not stand in their timelines yet."""


def _counting(figures: Mapping[str, tuple[ColumnElement[Any], Callable[..., Any]]]) -> Statement[Any]:
    """Adds entries and counts the new ones at their customers, in one statement.

    `figures`: column -> what the new entries come to, and how that is joined with what stands there.
    """
    customer_id, customer = _ADDED.c.customer_id, table(CustomerRow)
    come_to = select(customer_id, *(figure for figure, _ in figures.values())).group_by(customer_id)
    joined = {name: join(customer.c[name], _GIVEN[name]) for name, (_, join) in figures.items()}
    return Statement(
        insert(customer)
        .from_select(["id", *figures], come_to)
        .on_conflict_do_update(index_elements=["id"], set_=joined)
    )


_COUNT_PURCHASES = _counting(
    {
        "purchases": (func.count(), operator.add),
        "purchased": (func.sum(_ADDED.c.amount), operator.add),
        "first_purchase_at": (func.min(_ADDED.c.at), func.least),
        "last_purchase_at": (func.max(_ADDED.c.at), func.greatest),
    }
)
_COUNT_RETURNS = _counting(
    {"returns": (func.count(), operator.add), "purchased": (func.sum(_ADDED.c.amount), operator.add)}
)

_UNDO = Statement(
    """
    UPDATE timeline t SET reversed = true
    FROM unnest(:customer_id::uuid[], :at::timestamptz[], :id::uuid[]) AS undone(customer_id, at, id)
    WHERE t.customer_id = undone.customer_id AND t.at = undone.at AND t.type = ANY(:types::text[])
      AND coalesce(t.data ->> 'return_id', t.data ->> 'purchase_id')::uuid = undone.id
    """
)
"""By hand: an entry is found by what its fact says."""
_COUNT_AGAIN = Statement(
    """
    UPDATE customer c
    SET purchases = f.purchases, returns = f.returns, purchased = f.purchased,
        first_purchase_at = f.first_at, last_purchase_at = f.last_at
    FROM unnest(:customers::uuid[]) AS asked(id), LATERAL (
        SELECT count(*) FILTER (WHERE type = :bought) AS purchases, count(*) FILTER (WHERE type = :returned) AS returns,
               coalesce(sum(amount), 0) AS purchased, min(at) FILTER (WHERE type = :bought) AS first_at,
               max(at) FILTER (WHERE type = :bought) AS last_at
        FROM timeline t WHERE t.customer_id = asked.id AND t.type IN (:bought, :returned) AND NOT t.reversed
    ) f
    WHERE c.id = asked.id
    """
)
"""By hand: what an undone entry leaves is counted anew, because first and last cannot be taken back."""


async def undo(
    transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry], undone: Sequence[Undone]
) -> None:
    """Adds what tells of mistakes to the timelines, marks the entries that were mistakes, and counts anew."""
    await timeline.add(transaction, type_, entries)
    bought, returned = customers.PurchaseRecorded.TYPE, customers.PurchaseReturned.TYPE
    await _UNDO.execute(transaction, **by_column(map(asdict, undone)), types=[bought, returned])
    await _COUNT_AGAIN.execute(
        transaction, customers=sorted({each.customer_id for each in undone}), bought=bought, returned=returned
    )


async def add_purchases(transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry]) -> None:
    """Adds purchases to their timelines; those that did not stand there are counted and summed at their customers."""
    await _COUNT_PURCHASES.execute(transaction, **timeline.values(type_, entries))


async def add_returns(transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry]) -> None:
    """The same for returns, whose amounts are negative."""
    await _COUNT_RETURNS.execute(transaction, **timeline.values(type_, entries))
