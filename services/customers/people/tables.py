"""The people of stores."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import byte_strings


class PersonRow(CustomersTable, table=True):
    """Somebody of a store. `personal` is sealed under a key of their own: name, phones, e-mails, traits.

    `traces` is the blind index by which a call finds them; empty once they have left. `entered_at` is null of who was
    entered before it was kept.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index("person_customer", "customer_id", "id"),
        Index("person_present", "customer_id", "id", postgresql_where=text("left_on IS NULL")),
        Index("person_traces", "traces", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    job: str
    decides: bool
    pays: bool
    uses: bool
    language: str
    means: str | None
    left_on: date | None
    personal: bytes
    traces: list[bytes] = byte_strings()
    entered_at: datetime | None
    updated_at: datetime | None = None
