"""What complaints keeps of purchases."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import money


class PurchaseMonthRow(ComplaintsTable, table=True):
    """What a customer bought in a month (`Month.ordinal`), net of what came back, CNY, and in how many purchases."""

    __tablename__ = "purchase_month"

    customer_id: UUID = Field(primary_key=True)
    month: int = Field(primary_key=True)
    amount: Decimal = money()
    purchases: int


class BoughtBatchRow(ComplaintsTable, table=True):
    """How many pieces of a batch a purchase brought, less what came back; 0 once all has, or it was a mistake."""

    __tablename__ = "bought_batch"
    __table_args__ = (Index("bought_batch_buyers", "batch_key", "product_key", "customer_id"),)

    purchase_id: UUID = Field(primary_key=True)
    product_key: str = Field(primary_key=True)
    batch_key: str = Field(primary_key=True)
    customer_id: UUID
    bought_at: datetime
    quantity: int
