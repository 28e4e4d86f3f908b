"""Owners, and whose a store was when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.customers.registry import CustomersTable


class OwnerRow(CustomersTable, table=True):
    """An owner of stores; `personal` is sealed: name, phones, e-mails. `traces` are the keyed hashes of phones and
    e-mails, by which their stores are found; `traced` is the version of which they are."""

    __tablename__ = "owner"
    __table_args__ = (
        Index("owner_traces", "traces", postgresql_using="gin"),
        Index("owner_untraced", "id", postgresql_where=text("traced <> version")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    personal: bytes
    customer_id: UUID | None = Field(foreign_key="customer.id")
    erased_at: datetime | None = None
    """When they were erased: nothing personal stands here any more, and nothing comes back."""
    updated_at: datetime | None = None
    traces: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False, server_default="{}"))
    traced: int = Field(sa_column_kwargs={"server_default": "0"})


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
