"""Contacts of customers, sealed: names and addresses are never stored readably."""

from uuid import UUID

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class ContactRow(ComplaintsTable, table=True):
    """The last contact listed for a customer, as sealed JSON (`shared.sealed_contacts`)."""

    __tablename__ = "contact"

    customer_id: UUID = Field(primary_key=True)
    sealed: bytes
