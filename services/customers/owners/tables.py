"""Owners, and whose a store was when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable


class OwnerRow(CustomersTable, table=True):
    """An owner of stores; `personal` is sealed: name, phones, e-mails."""

    __tablename__ = "owner"

    id: UUID = Field(primary_key=True)
    version: int
    personal: bytes
    customer_id: UUID | None = Field(foreign_key="customer.id")
    erased_at: datetime | None = None
    """When they were erased: nothing personal stands here any more, and nothing comes back."""


class OwnershipRow(CustomersTable, table=True):
    """Whose a store was, from when until when; nobody's where `owner_id` is null."""

    __tablename__ = "ownership"
    __table_args__ = (
        Index("ownership_present", "customer_id", unique=True, postgresql_where=text("until IS NULL")),
        Index("ownership_owner", "owner_id", "customer_id", postgresql_where=text("until IS NULL")),
        Index("ownership_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id")
    owner_id: UUID | None = Field(foreign_key="owner.id")
    since: datetime
    until: datetime | None
    entered_by: UUID
    version: int = Field(sa_column_kwargs={"server_default": "1"})
