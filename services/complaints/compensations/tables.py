"""What is given to a complainant beyond the answer, and at what cost."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import money, smallint, uuids


class CompensationRow(ComplaintsTable, table=True):
    """Something given, or asked for; what it is and why a decision was taken lies sealed in the history's entries.

    `granted_by` is on whose limit it counts, in `month` (`shared.months.Month.ordinal`); `by_role` and `by_ids` are who
    was asked to approve it.
    """

    __tablename__ = "compensation"
    __table_args__ = (
        CheckConstraint("cost >= 0", name="compensation_cost"),
        CheckConstraint("state IN ('awaits_approval', 'granted', 'refused', 'withdrawn')", name="compensation_state"),
        Index("compensation_case", "complaint_id", "id"),
        Index("compensation_spent", "granted_by", "month", postgresql_where=text("state = 'granted'")),
        Index("compensation_month", "month", postgresql_where=text("state = 'granted'")),
        Index("compensation_waiting", "id", postgresql_where=text("state = 'awaits_approval'")),
    )

    id: UUID = Field(primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    round: int = smallint()
    kind: str
    cost: Decimal = money()
    state: str
    asked_by: UUID
    asked_at: datetime
    policy_version: int
    by_role: str | None
    by_ids: list[UUID] | None = uuids(default=None)
    granted_by: UUID | None
    granted_at: datetime | None
    month: int | None
    decided_by: UUID | None
    decided_at: datetime | None
    entry_id: UUID = Field(foreign_key="case_entry.id")
