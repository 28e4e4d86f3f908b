"""The ledger: bookings and closed months. Written from `crm.responsibility.v1` alone."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field, Index

from services.reporting.registry import ProjectionTable
from shared.tables import money


class LedgerEntryRow(ProjectionTable, table=True):
    """A booking, never changed. `month` counts as `shared.months.Month.ordinal`."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index("ledger_entry_month", "month", "id"),
        Index("ledger_entry_person", "person_id", "month"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    account: str
    fund_department_id: UUID | None
    person_id: UUID | None
    department_id: UUID | None
    supervisor_id: UUID | None
    amount: Decimal = money()
    month: int
    booked_at: datetime
    basis_kind: str
    basis_id: UUID
    rule: str | None
    complaint_id: UUID | None
    task_id: UUID | None
    reverses: UUID | None


class LedgerMonthRow(ProjectionTable, table=True):
    """A closed month."""

    __tablename__ = "ledger_month"

    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    closed_at: datetime
