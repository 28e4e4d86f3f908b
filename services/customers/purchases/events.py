"""What is published of returns and reversals; purchases are announced by the statement that records them (`store`)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.customers.purchases.domain import Purchase
from shared.bus.event import Event
from shared.contracts.customers import PurchaseReturned, PurchaseReversed


def returned(
    purchase: Purchase, return_id: UUID, amount: Decimal, *, occurred_at: datetime, version: int, at: datetime
) -> Event:
    """What came back of a purchase, in the purchase's new version; `amount` is positive."""
    fact = PurchaseReturned(
        customer_id=purchase.customer_id,
        purchase_id=purchase.id,
        return_id=return_id,
        brand_id=purchase.brand_id,
        amount=-amount,
        occurred_at=occurred_at,
    )
    return Event.of(fact, aggregate_id=purchase.id, version=version, at=at)


def undone(entry: Purchase, *, version: int, at: datetime) -> Event:
    """That an entry was a mistake, in its purchase's new version; `amount` is what takes the entry away."""
    purchase_id = entry.returns_id or entry.id
    fact = PurchaseReversed(
        customer_id=entry.customer_id,
        purchase_id=purchase_id,
        return_id=entry.id if entry.returns_id else None,
        amount=-entry.amount,
        occurred_at=entry.occurred_at,
        at=at,
    )
    return Event.of(fact, aggregate_id=purchase_id, version=version, at=at)
