"""Internal cases, beside the cases that they are."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class InternalCaseRow(ComplaintsTable, table=True):
    """What an internal case is about; the case has the same id. A promise has one at most."""

    __tablename__ = "internal_case"
    __table_args__ = (
        CheckConstraint("type IN ('process', 'service', 'fault', 'other')", name="internal_case_type"),
        Index(
            "internal_case_commitment",
            "commitment_id",
            unique=True,
            postgresql_where=text("commitment_id IS NOT NULL"),
        ),
    )

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    type: str
    department_id: UUID | None
    commitment_id: UUID | None = Field(foreign_key="commitment.id")
