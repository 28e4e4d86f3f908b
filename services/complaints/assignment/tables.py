"""Cases that nobody has accepted yet, and the policy by which they are given out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint, uuids


class OfferRow(ComplaintsTable, table=True):
    """A case that is offered to somebody until `silent_at`, or waits for somebody to be free; gone when it is accepted.

    `tried` are those who had it and were silent.
    """

    __tablename__ = "case_offer"
    __table_args__ = (
        Index("case_offer_silent", "silent_at", postgresql_where=text("silent_at IS NOT NULL")),
        Index("case_offer_waiting", "complaint_id", postgresql_where=text("staff_id IS NULL")),
    )

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    round: int = smallint()
    staff_id: UUID | None
    offered_at: datetime
    silent_at: datetime | None
    tried: list[UUID] = uuids()
    policy_version: int


class AssignmentPolicyRow(ComplaintsTable, table=True):
    """A version of how much one has in hand and how long one may be silent; never changed once written."""

    __tablename__ = "assignment_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    most_open: int = smallint()
    silent_seconds: int
    created_at: datetime
    created_by: UUID
