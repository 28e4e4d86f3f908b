"""Promises to customers, and what can be promised."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import money


class CommitmentCodeRow(ComplaintsTable, table=True):
    """What can be promised."""

    __tablename__ = "commitment_code"

    code: str = Field(primary_key=True)
    name_en: str
    name_zh: str
    active: bool


class CommitmentRow(ComplaintsTable, table=True):
    """A promise; `words` is what was promised, `reason` why it was withdrawn or corrected last, both sealed.

    `confirmation` is null within the rules, and outside of them in rows that older code wrote.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'kept', 'broken', 'withdrawn')", name="commitment_state"),
        CheckConstraint("made_at < due_at", name="commitment_times"),
        CheckConstraint(
            "confirmation IN ('asked', 'confirmed', 'denied', 'insisted', 'reached', 'failed')",
            name="commitment_confirmation",
        ),
        Index("commitment_due", "due_at", postgresql_where=text("state = 'open'")),
        Index("commitment_understanding", "understanding_due_at", postgresql_where=text("confirmation = 'insisted'")),
        Index("commitment_customer", "customer_id", "id"),
        Index("commitment_staff", "staff_id", "id"),
        Index("commitment_case", "complaint_id", postgresql_where=text("complaint_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID
    complaint_id: UUID | None = Field(foreign_key="complaint.id")
    touch_id: UUID | None
    code: str = Field(foreign_key="commitment_code.code")
    staff_id: UUID
    made_at: datetime
    due_at: datetime
    outside_rules: bool
    cost: Decimal | None = money()
    state: str
    recorded_at: datetime
    recorded_by: UUID
    fulfilled_at: datetime | None
    ended_at: datetime | None
    ended_by: UUID | None
    confirmation: str | None
    understanding_due_at: datetime | None
    supervisor_id: UUID | None
    words: bytes
    reason: bytes | None
