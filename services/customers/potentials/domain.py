"""The potential of a customer (domain 2.4): what it could buy a month, beside what it does."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.customers.changes.domain import Change
from shared.errors import NotFound


class NoPotential(NotFound):
    slug = "no-potential"
    title = "Nobody has said what the customer could buy"


@dataclass(frozen=True, slots=True)
class Potential:
    """What a customer could buy a month, CNY of mid-grade terms, as somebody said; the latest one holds. `reason` is
    sealed where it is kept, and None once the person is erased."""

    id: UUID
    version: int
    customer_id: UUID
    amount: Decimal
    reason: str | None
    said_at: datetime
    said_by: UUID
    customer_name: str | None = None
    """As it is read; a person has none here."""


def history_of(before: Potential | None, after: Potential) -> list[Change]:
    """What the customer's history keeps of it; the reasons stand in a history of their own."""
    was = None if before is None else before.amount
    amount = [] if was == after.amount else [Change("potential.amount", was, after.amount, about=after.id)]
    reason = (
        []
        if before is not None and before.reason == after.reason
        else [Change("potential.reason", None, None, about=after.id, withheld=True)]
    )
    return [*amount, *reason]
