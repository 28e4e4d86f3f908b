"""What customers could buy, as it was said."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money


class PotentialRow(CustomersTable, table=True):
    """What somebody said; the customer's latest row holds. `words` seals the reason, and is gone with the person."""

    __tablename__ = "potential"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="potential_amount"),
        Index("potential_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    amount: Decimal = money()
    words: bytes | None
    said_at: datetime
    said_by: UUID
