"""Shares of the shelves of stores."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import numeric


class ShelfShareRow(CustomersTable, table=True):
    """Which part of a store's shelf a brand had on a day: one of ours, or a competitor's by its name."""

    __tablename__ = "shelf_share"
    __table_args__ = (
        CheckConstraint("share >= 0 AND share <= 1", name="shelf_share_part"),
        CheckConstraint("(brand_id IS NULL) <> (competitor IS NULL)", name="shelf_share_of_one"),
        Index("shelf_share_of", "customer_id", "seen_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id")
    brand_id: UUID | None = Field(foreign_key="brand.id")
    competitor: str | None
    share: Decimal = numeric(5, 4)
    seen_on: date
    seen_by: UUID
    entered_at: datetime
