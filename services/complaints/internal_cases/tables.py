"""Internal cases, beside the cases that they are."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class InternalCaseRow(ComplaintsTable, table=True):
    """What an internal case is about; the case has the same id. A promise has one at most."""

    __tablename__ = "internal_case"
    __table_args__ = (
        CheckConstraint(
            "type IN ('process', 'service', 'fault', 'diversion', 'price_breaking', 'other')", name="internal_case_type"
        ),
        CheckConstraint(
            "found_in IN ('work', 'records', 'call', 'visit', 'market', 'other')", name="internal_case_found_in"
        ),
        Index("internal_case_type", "type", "complaint_id"),
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
    found_in: str | None
    region_id: UUID | None
    commitment_id: UUID | None = Field(foreign_key="commitment.id")
