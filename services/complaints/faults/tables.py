"""Notices of fault, and what was decided that faults cost."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Sequence, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import money

FAULT_NOTICE_NUMBERS = Sequence("fault_notice_number", metadata=ComplaintsTable.metadata)
"""Counts the notices of fault ever issued; a notice's number carries it."""


class FaultNoticeRow(ComplaintsTable, table=True):
    """A notice of fault; it has the id of its internal case."""

    __tablename__ = "fault_notice"
    __table_args__ = (Index("fault_notice_to", "to_id", "internal_id"),)

    internal_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    number: str = Field(unique=True)
    commitment_id: UUID = Field(foreign_key="commitment.id", unique=True)
    complaint_id: UUID | None
    to_id: UUID
    issued_at: datetime
    version: int


class FaultCostRow(ComplaintsTable, table=True):
    """What a fault costs; one stands at a time. `words` and `reversal_words` say why, sealed."""

    __tablename__ = "fault_cost"
    __table_args__ = (
        CheckConstraint("amount > 0", name="fault_cost_amount"),
        Index("fault_cost_case", "internal_id", "id"),
        Index("fault_cost_standing_once", "internal_id", unique=True, postgresql_where=text("reversed_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    internal_id: UUID = Field(foreign_key="fault_notice.internal_id")
    amount: Decimal = money()
    decided_at: datetime
    decided_by: UUID
    booking_id: UUID = Field(foreign_key="booking.id")
    words: bytes
    reversed_at: datetime | None
    reversed_by: UUID | None
    reversal_words: bytes | None
