"""What staff say of customers' loyalty."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb


class LoyaltyRatingRow(CustomersTable, table=True):
    """Criterion -> 1 to 5, and the kind of loyalty; one of a customer stands."""

    __tablename__ = "loyalty_rating"

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    version: int
    criteria: dict[str, int] = jsonb()
    kind: str | None
    rated_at: datetime
    rated_by: UUID
