"""What customer 360 says of a customer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.errors import NotFound


class CustomerNotFound(NotFound):
    slug = "customer-not-found"
    title = "There is no such customer"


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase, or a return of one: then the amount (CNY) is negative and `returns_id` the purchase."""

    id: UUID
    amount: Decimal
    occurred_at: datetime
    brand_id: UUID | None
    external_no: str | None
    returns_id: UUID | None
