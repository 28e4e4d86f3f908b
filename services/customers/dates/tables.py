"""Important dates, and the days on which they fall."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import smallint


class ImportantDateRow(CustomersTable, table=True):
    """A date of a customer's, or of somebody of theirs where `person_id` says so.

    `sealed` is the day in its calendar, under the key of whose date it is where `own_key` says so, else under the
    service's (a store has no key). `filled` is the last year whose days are kept.
    """

    __tablename__ = "important_date"
    __table_args__ = (
        CheckConstraint("occasion IN ('birthday', 'wedding', 'opening')", name="important_date_occasion"),
        Index("important_date_customer", "customer_id", "id"),
        Index(
            "important_date_of_customer",
            "customer_id",
            "occasion",
            unique=True,
            postgresql_where=text("person_id IS NULL"),
        ),
        Index(
            "important_date_of_person",
            "person_id",
            "occasion",
            unique=True,
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index("important_date_filled", "filled", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    person_id: UUID | None = Field(foreign_key="person.id", ondelete="CASCADE")
    occasion: str
    own_key: bool
    sealed: bytes
    filled: int = smallint()


class DateFallsRow(CustomersTable, table=True):
    """That a date falls on a day, which stands as its keyed hash alone: a birthday is not read from it."""

    __tablename__ = "date_falls"
    __table_args__ = (Index("date_falls_date", "date_id"),)

    trace: bytes = Field(primary_key=True)
    date_id: UUID = Field(primary_key=True, foreign_key="important_date.id", ondelete="CASCADE")
