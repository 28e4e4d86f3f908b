"""What waits for somebody among the customers of whose teams they are (domain 2.1, 3.6)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.screening.domain import STALE_AFTER
from shared.contracts.customers import Tier

MOST: Final = 100
"""Of each kind that one answer shows."""
ENDING_WITHIN: Final = timedelta(days=60)
"""So long before its last day a contract is shown.†"""
DUE_WITHIN: Final = timedelta(days=7)
"""So long before it is due a promise is shown.†"""


@dataclass(frozen=True, slots=True)
class MyStore:
    """A customer of whose team somebody is. `rested_since`: the last touch or change, or its registration; for who was
    erased nobody can care any more."""

    customer_id: UUID
    name: str | None
    tier: Tier
    roles: list[str]
    rested_since: datetime
    erased_at: datetime | None

    def is_stale(self, now: datetime) -> bool:
        return self.erased_at is None and now - self.rested_since >= STALE_AFTER[self.tier]


@dataclass(frozen=True, slots=True)
class EndingContract:
    """A contract that ends soon, or whose ending is under way (until approved, `ends_on` is open or its term)."""

    contract_id: UUID
    customer_id: UUID
    customer_name: str | None
    brand_name: str
    ends_on: date | None
    asked_end: date | None


@dataclass(frozen=True, slots=True)
class DuePromise:
    """What a customer was promised and waits for."""

    commitment_id: UUID
    customer_id: UUID
    customer_name: str | None
    complaint_id: UUID | None
    staff_id: UUID
    staff_name: str | None
    code: str
    due_at: datetime

    def overdue(self, now: datetime) -> bool:
        return self.due_at <= now


@dataclass(frozen=True, slots=True)
class OverdueInvoice:
    """An invoice that is not paid though it is due; `amount` in CNY."""

    payment_id: UUID
    customer_id: UUID
    customer_name: str | None
    invoice_no: str
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DueStep:
    """The next step of an open opportunity of somebody's, due today or before."""

    opportunity_id: UUID
    prospect_id: UUID | None
    customer_id: UUID | None
    customer_name: str | None
    next_step: str | None
    next_step_on: date


@dataclass(frozen=True, slots=True)
class Mine:
    """What waits for somebody: the stores by tier, the rest by when it is or was due."""

    stores: list[MyStore]
    contracts: list[EndingContract]
    promises: list[DuePromise]
    invoices: list[OverdueInvoice]
    next_steps: list[DueStep]
