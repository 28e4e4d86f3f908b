"""Solutions as they were proposed, and what became of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint, uuids


class SolutionRow(ComplaintsTable, table=True):
    """A solution that was proposed in a round; what it is lies sealed in the entry of its step.

    `owner_id` is whose proposal it is, `author_id` who entered it: neither of them approves it. `policy_version` is
    that of the policy by which it needs approval, or needs none; `approver_ids` whose word was asked for.
    """

    __tablename__ = "solution"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'awaits_approval', 'approved', 'refused')", name="solution_state"),
        Index("solution_case", "complaint_id", "round", "attempt", unique=True),
        Index("solution_waiting", "complaint_id", postgresql_where=text("state = 'awaits_approval'")),
    )

    entry_id: UUID = Field(primary_key=True, foreign_key="case_entry.id")
    complaint_id: UUID = Field(foreign_key="complaint.id")
    round: int = smallint()
    attempt: int = smallint()
    author_id: UUID
    owner_id: UUID
    proposed_at: datetime
    state: str
    policy_version: int
    decided_by: UUID | None
    decided_at: datetime | None
    approver_ids: list[UUID] | None = uuids(default=None)
