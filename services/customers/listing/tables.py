"""What customers are listed by, kept by triggers on the history, the purchases and their sums of months."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money


class ListingRow(CustomersTable, table=True):
    """Of a customer who was changed or bought something: when last, and what the last month in which it bought came to.

    `month` is a `Month.ordinal`, `month_sum` CNY as paid, net of returns.
    """

    __tablename__ = "listing"
    __table_args__ = (
        Index("listing_updated", "updated_at", "customer_id", postgresql_where=text("updated_at IS NOT NULL")),
        Index(
            "listing_purchase", "last_purchase_at", "customer_id", postgresql_where=text("last_purchase_at IS NOT NULL")
        ),
        Index("listing_month", "month", "month_sum", "customer_id", postgresql_where=text("month IS NOT NULL")),
    )

    customer_id: UUID = Field(primary_key=True)
    updated_at: datetime | None
    last_purchase_at: datetime | None
    month: int | None
    month_sum: Decimal | None = money()
