"""Links between cases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class LinkRow(ComplaintsTable, table=True):
    """A link; undone it stays to be seen."""

    __tablename__ = "case_link"
    __table_args__ = (
        CheckConstraint("complaint_id <> other_id", name="case_link_two_cases"),
        Index(
            "case_link_once",
            "complaint_id",
            "other_id",
            "relation",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("case_link_other", "other_id"),
        Index("case_link_case", "complaint_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    other_id: UUID = Field(foreign_key="complaint.id")
    relation: str
    made_at: datetime
    made_by: UUID
    undone_at: datetime | None
    undone_by: UUID | None
