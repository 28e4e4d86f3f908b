"""What is published of tiers that are set by hand, and of closed months.

Whom purchases, closes and policies move is announced by the statement that moves them (`store/standing.py`).
"""

from datetime import datetime
from uuid import UUID

from services.customers.tiers.domain.months import ClosedMonth
from services.customers.tiers.domain.standing import TierChange
from shared.bus.event import Event
from shared.contracts.customers import MonthClosed, TierChanged


def tier_set(customer_id: UUID, change: TierChange) -> Event:
    """A tier set by hand is history to others (decision 5)."""
    fact = TierChanged(
        customer_id=customer_id,
        from_tier=change.from_tier,
        to_tier=change.to_tier,
        cause=change.cause,
        total=change.total,
        policy_version=change.policy_version,
        at=change.at,
    )
    return Event.of(fact, aggregate_id=customer_id, version=change.version, at=change.at, historical=True)


def month_closed(closed: ClosedMonth, *, at: datetime, historical: bool) -> Event:
    fact = MonthClosed(
        month=str(closed.month),
        revision=closed.revision,
        closed_at=closed.closed_at,
        tiers=closed.tiers,
        moves=closed.moves,
    )
    return Event.of(fact, aggregate_id=closed.id, version=closed.revision, at=at, historical=historical)
