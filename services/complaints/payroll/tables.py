"""Wages and payrolls. What somebody earns, and the bound that tells of it, lie sealed."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import money


class WageRow(ComplaintsTable, table=True):
    """What somebody earns from a month on (`shared.months.Month.ordinal`), as it was entered; never changed."""

    __tablename__ = "wage"

    staff_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    from_month: int
    sealed: bytes
    entered_by: UUID
    entered_at: datetime


class PayrollMonthRow(ComplaintsTable, table=True):
    """A payroll that was handed over."""

    __tablename__ = "payroll_month"

    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    closed_at: datetime
    closed_by: UUID


class PayrollLineRow(ComplaintsTable, table=True):
    """A person's line of a payroll that was handed over, CNY; `bound` is sealed, null where no wage was known."""

    __tablename__ = "payroll_line"

    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, foreign_key="payroll_month.month")
    staff_id: UUID = Field(primary_key=True)
    charged: Decimal = money()
    rewards: Decimal = money()
    carried_in: Decimal = money()
    bound: bytes | None
    deducted: Decimal = money()
    carried_out: Decimal = money()


class StatementSignatureRow(ComplaintsTable, table=True):
    """That somebody signed their statement of a month with these figures."""

    __tablename__ = "statement_signature"

    staff_id: UUID = Field(primary_key=True)
    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str = Field(primary_key=True)
    signed_at: datetime
