"""Customers who are not to be kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable


class DismissalRow(CustomersTable, table=True):
    """A dismissal without a case; one of a customer stands. The reasons are sealed, and go with the person."""

    __tablename__ = "dismissal"
    __table_args__ = (
        CheckConstraint("means IN ('less_service', 'other_prices', 'end')", name="dismissal_known_means"),
        Index("dismissal_standing", "customer_id", unique=True, postgresql_where=text("withdrawn_at IS NULL")),
        Index("dismissal_of", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    means: str
    words: bytes | None
    approver_id: UUID
    decided_at: datetime
    decided_by: UUID
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    withdrawal_words: bytes | None
