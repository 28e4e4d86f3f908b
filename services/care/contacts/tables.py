"""Contacts of customers and colleagues, sealed: names and addresses are never stored readably."""

from uuid import UUID

from sqlmodel import Field

from services.care.registry import CareTable


class ContactRow(CareTable, table=True):
    """The last contact listed for a customer, as sealed JSON."""

    __tablename__ = "contact"

    customer_id: UUID = Field(primary_key=True)
    sealed: bytes


class StaffContactRow(CareTable, table=True):
    """Where a colleague is reached at work, as sealed JSON."""

    __tablename__ = "staff_contact"

    staff_id: UUID = Field(primary_key=True)
    sealed: bytes
