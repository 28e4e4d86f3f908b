"""What customers say of a customer, in the database."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.reporting.customer360.tables import CustomerRow
from services.reporting.timeline import store as timeline
from services.reporting.timeline.domain import NewTimelineEntry
from services.reporting.timeline.tables import TimelineRow
from shared.db import Connection
from shared.statement import Statement, excluded, table, upsert_many

_GIVEN = excluded(CustomerRow)

KEEP_REGISTERED = Statement(
    upsert_many(
        CustomerRow, "id", "kind", "external_no", "region_id", "tier", "tier_since", "registered_at",
        keep={name: func.coalesce(table(CustomerRow).c[name], _GIVEN[name]) for name in ("tier", "tier_since")},
    )
)  # fmt: skip
"""A tier that stands already was moved to after the registration."""
KEEP_UPDATED = Statement(upsert_many(CustomerRow, "id", "kind", "external_no", "region_id"))
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


async def add_purchases(transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry]) -> None:
    """Adds purchases to their timelines; those that did not stand there are counted and summed at their customers."""
    await _COUNT_PURCHASES.execute(transaction, **timeline.values(type_, entries))


async def add_returns(transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry]) -> None:
    """The same for returns, whose amounts are negative."""
    await _COUNT_RETURNS.execute(transaction, **timeline.values(type_, entries))
