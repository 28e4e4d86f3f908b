"""Promises to customers, as complaints told of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable


class PromiseRow(CustomersTable, table=True):
    """A promise; of one that is done or withdrawn the row stays, because it may be corrected."""

    __tablename__ = "promise"
    __table_args__ = (Index("promise_owed", "customer_id", "due_at", postgresql_where=text("owed")),)

    commitment_id: UUID = Field(primary_key=True)
    customer_id: UUID
    complaint_id: UUID | None
    staff_id: UUID
    code: str
    due_at: datetime
    owed: bool
