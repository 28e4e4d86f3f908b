"""Funds of departments: what is asked for, and who agreed."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import money, numeric


class FundRow(ComplaintsTable, table=True):
    """A fund that something was asked of: whoever asks or agrees holds its row. What is in it say the bookings."""

    __tablename__ = "fund"

    department_id: UUID = Field(primary_key=True)


class FundWithdrawalRow(ComplaintsTable, table=True):
    """Money that somebody wants to take out of a fund; `words` is for what, `reason` why it was put back, sealed."""

    __tablename__ = "fund_withdrawal"
    __table_args__ = (
        CheckConstraint("amount > 0", name="fund_withdrawal_of_something"),
        Index("fund_withdrawal_department", "department_id", "id"),
        Index("fund_withdrawal_asked", "department_id", postgresql_where=text("state = 'asked'")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    department_id: UUID = Field(foreign_key="fund.department_id")
    amount: Decimal = money()
    state: str
    asked_by: UUID
    asked_at: datetime
    share: Decimal = numeric(4, 3)
    ended_at: datetime | None
    ended_by: UUID | None
    words: bytes
    reason: bytes | None


class FundVoteRow(ComplaintsTable, table=True):
    """What somebody said about a withdrawal, once."""

    __tablename__ = "fund_vote"

    withdrawal_id: UUID = Field(primary_key=True, foreign_key="fund_withdrawal.id")
    staff_id: UUID = Field(primary_key=True)
    agree: bool
    at: datetime
