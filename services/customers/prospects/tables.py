"""Prospects, what was noted of them, and where they come from."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import byte_strings


class ProspectSourceRow(CustomersTable, table=True):
    """Where prospects come from."""

    __tablename__ = "prospect_source"

    code: str = Field(primary_key=True)
    name_en: str
    name_zh: str
    by_somebody: bool


class ProspectRow(CustomersTable, table=True):
    """A prospect. `personal` is sealed under a key of their own, and goes once they are a customer; `traces` is the
    blind index of their phones."""

    __tablename__ = "prospect"
    __table_args__ = (
        CheckConstraint("(customer_id IS NOT NULL) = (state = 'converted')", name="prospect_converted"),
        CheckConstraint("referred_by_prospect_id <> id", name="prospect_not_by_itself"),
        Index("prospect_owner", "owner_id", "id"),
        Index("prospect_customer", "customer_id"),
        Index("prospect_referred_by_customer", "referred_by_customer_id"),
        Index("prospect_referred_by_prospect", "referred_by_prospect_id"),
        Index("prospect_traces", "traces", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    kind: str
    source: str = Field(foreign_key="prospect_source.code")
    referred_by_customer_id: UUID | None = Field(foreign_key="customer.id", ondelete="SET NULL")
    referred_by_prospect_id: UUID | None = Field(foreign_key="prospect.id", ondelete="SET NULL")
    owner_id: UUID
    state: str
    customer_id: UUID | None = Field(foreign_key="customer.id")
    entered_at: datetime
    entered_by: UUID
    updated_at: datetime | None = None
    personal: bytes | None
    traces: list[bytes] = byte_strings()


class ProspectNoteRow(CustomersTable, table=True):
    """A note of a prospect, sealed under the prospect's key; it goes over to the customer that they become."""

    __tablename__ = "prospect_note"
    __table_args__ = (Index("prospect_note_of", "prospect_id", "id"),)

    id: UUID = Field(primary_key=True)
    prospect_id: UUID = Field(foreign_key="prospect.id", ondelete="CASCADE")
    written_by: UUID
    written_at: datetime
    sealed: bytes
