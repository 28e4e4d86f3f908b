"""What is published of returns and reversals; purchases are announced by the statement that records them (`store`)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson

from services.customers.purchases.domain import Purchase, PurchaseLine
from shared.bus.event import Event
from shared.contracts import customers
from shared.contracts.customers import PurchaseReturned, PurchaseReversed


def told_lines(lines: Iterable[PurchaseLine]) -> str:
    """What purchase.recorded says of its lines, as JSON: neither what they cost nor what was paid for them."""
    return orjson.dumps([line.model_dump() for line in _moved(lines, 1)]).decode()


def _moved(lines: Iterable[PurchaseLine], sign: int) -> list[customers.PurchaseLine]:
    return [
        customers.PurchaseLine(product=line.product, batch=line.batch, quantity=sign * line.quantity) for line in lines
    ]


def returned(
    purchase: Purchase,
    return_id: UUID,
    amount: Decimal,
    lines: Iterable[PurchaseLine],
    *,
    occurred_at: datetime,
    version: int,
    at: datetime,
) -> Event:
    """What came back of a purchase, in the purchase's new version; `amount` and quantities are positive."""
    fact = PurchaseReturned(
        customer_id=purchase.customer_id,
        purchase_id=purchase.id,
        return_id=return_id,
        brand_id=purchase.brand_id,
        amount=-amount,
        occurred_at=occurred_at,
        lines=_moved(lines, -1),
    )
    return Event.of(fact, aggregate_id=purchase.id, version=version, at=at)


def undone(entry: Purchase, *, version: int, at: datetime, historical: bool = False) -> Event:
    """That an entry was a mistake, in its purchase's new version; `amount` is what takes the entry away."""
    purchase_id = entry.returns_id or entry.id
    fact = PurchaseReversed(
        customer_id=entry.customer_id,
        purchase_id=purchase_id,
        return_id=entry.id if entry.returns_id else None,
        amount=-entry.amount,
        occurred_at=entry.occurred_at,
        at=at,
        lines=_moved(entry.lines, 1 if entry.returns_id else -1),
    )
    return Event.of(fact, aggregate_id=purchase_id, version=version, at=at, historical=historical)
