"""Touches that were made, as care told of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.customers.registry import CustomersTable


class LastTouchRow(CustomersTable, table=True):
    """A touch that was made; told again, it is the same row."""

    __tablename__ = "last_touch"
    __table_args__ = (Index("last_touch_of", "customer_id", "at"),)

    task_id: UUID = Field(primary_key=True)
    customer_id: UUID
    kind: str
    role: str
    contact: str
    staff_id: UUID | None
    at: datetime
    minutes: int | None
