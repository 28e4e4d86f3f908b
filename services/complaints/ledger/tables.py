"""The ledger: bookings, which are never changed, and its closed months."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import money


class BookingRow(ComplaintsTable, table=True):
    """A line of the ledger; a trigger refuses every change. `month` counts as `shared.months.Month.ordinal`."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="booking_moves_money"),
        CheckConstraint("(account = 'department') = (department_id IS NOT NULL)", name="booking_fund"),
        Index("booking_month", "month", "id"),
        Index("booking_person", "person_id", "month", "id"),
        Index("booking_basis", "basis_id", "id"),
        Index("booking_fund_month", "department_id", "month", postgresql_where=text("department_id IS NOT NULL")),
        Index("booking_reversed_once", "reverses", unique=True, postgresql_where=text("reverses IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    account: str
    department_id: UUID | None
    person_id: UUID | None
    person_department_id: UUID | None
    supervisor_id: UUID | None
    amount: Decimal = money()
    month: int
    booked_at: datetime
    basis_type: str
    basis_id: UUID
    reverses: UUID | None = Field(foreign_key="booking.id")


class LedgerRow(ComplaintsTable, table=True):
    """One row: whoever books holds it for share, whoever closes a month holds it alone."""

    __tablename__ = "ledger"
    __table_args__ = (CheckConstraint("one", name="ledger_one"),)

    one: bool = Field(primary_key=True)
    closed_through: int | None
    version: int


class LedgerMonthRow(ComplaintsTable, table=True):
    """A closed month."""

    __tablename__ = "ledger_month"

    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    closed_at: datetime
    closed_by: UUID
