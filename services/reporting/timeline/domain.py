"""A customer's timeline: one line for each event that names them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewTimelineEntry:
    """A line of a customer's timeline. `amount` is in CNY, for purchases and returns; `data` the fact's JSON text."""

    customer_id: UUID
    at: datetime
    event_id: UUID
    data: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A line as it is read; `data` is the fact without the customer's id and without what it leaves open."""

    at: datetime
    event_id: UUID
    type: str
    data: dict[str, Any]
