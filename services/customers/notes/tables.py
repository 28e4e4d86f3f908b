"""Notes of customers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.customers.registry import CustomersTable


class NoteRow(CustomersTable, table=True):
    """A note: its words are sealed as the archive is of the customer for whom it was written (`sealed_for`), under
    whose key they stay when that customer is merged into another one."""

    __tablename__ = "note"
    __table_args__ = (Index("note_customer", "customer_id", "id"),)

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    written_by: UUID
    written_at: datetime
    changed_at: datetime | None
    sealed: bytes
    sealed_for: UUID | None
