"""Reads of purchases that answer requests."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import TIMESTAMP, Boolean, Uuid, or_, tuple_
from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.purchases.domain import (
    EVERYTHING,
    Narrowing,
    Purchase,
    PurchaseNotFound,
    Reversal,
    ReversalNotFound,
)
from services.customers.purchases.store import entries, lines
from services.customers.purchases.tables import PurchaseRow
from shared.statement import Statement, condition, given, if_given

_MOMENT, _SINCE, _UNTIL = (given(name, TIMESTAMP(timezone=True)) for name in ("moment", "since", "until"))
_NEWEST_FIRST = Statement(
    entries.SHOWN_PURCHASES.where(
        col(PurchaseRow.customer_id) == given("customer_id"),
        or_(
            _MOMENT.is_(None),
            tuple_(col(PurchaseRow.occurred_at), col(PurchaseRow.id)) < tuple_(_MOMENT, given("id", Uuid)),
        ),
        condition(sees("CAST(:customer_id AS uuid)"), customer_id=Uuid, viewer=Uuid),
        or_(col(PurchaseRow.reversed_at).is_(None), given("reversed", Boolean)),
        or_(_SINCE.is_(None), col(PurchaseRow.occurred_at) >= _SINCE),
        or_(_UNTIL.is_(None), col(PurchaseRow.occurred_at) < _UNTIL),
        if_given(col(PurchaseRow.brand_id)),
    )
    .order_by(col(PurchaseRow.occurred_at).desc(), col(PurchaseRow.id).desc())
    .limit(given("most")),
    entries.purchase_of,
)


async def purchase(context: Context, purchase_id: UUID, *, viewer: UUID | None) -> Purchase:
    """Raises PurchaseNotFound, also for one of a customer whom the viewer does not see."""
    found = await entries.purchase(context.database, purchase_id, viewer=viewer)
    if found is None:
        raise PurchaseNotFound("no purchase has this id")
    return (await _with_lines(context, [found]))[0]


async def newest_first(
    context: Context,
    customer_id: UUID,
    after: tuple[datetime, UUID] | None,
    most: int,
    *,
    viewer: UUID | None,
    reversed: bool = False,
    narrowing: Narrowing = EVERYTHING,
) -> list[Purchase]:
    """A customer's purchases and returns after the given place; none when the viewer does not see the customer.

    `reversed`: with those that were undone.
    """
    moment, id_ = after or (None, None)
    found = await _NEWEST_FIRST.all(
        context.database,
        customer_id=customer_id,
        moment=moment,
        id=id_,
        viewer=viewer,
        reversed=reversed,
        most=most,
        **asdict(narrowing),
    )
    return await _with_lines(context, found)


async def _with_lines(context: Context, entries_: Sequence[Purchase]) -> list[Purchase]:
    said = await lines.of_entries(context.database, [entry.id for entry in entries_]) if entries_ else {}
    return [replace(entry, lines=said[entry.id]) if entry.id in said else entry for entry in entries_]


async def reversal(context: Context, purchase_id: UUID, *, viewer: UUID | None) -> Reversal:
    """Who undid an entry, when and why. Raises PurchaseNotFound or ReversalNotFound."""
    await purchase(context, purchase_id, viewer=viewer)
    found = await entries.reversal(context.database, purchase_id, context.words)
    if found is None:
        raise ReversalNotFound("it stands as it was entered")
    return found
