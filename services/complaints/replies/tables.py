"""What complainants say of how they were served."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint


class SatisfactionRow(ComplaintsTable, table=True):
    """Perceived and expected, each 1 to 10, once per round (domain 3.5)."""

    __tablename__ = "satisfaction"
    __table_args__ = (
        CheckConstraint("perceived BETWEEN 1 AND 10 AND expected BETWEEN 1 AND 10", name="satisfaction_scale"),
    )

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    round: int = smallint(primary_key=True)
    perceived: int = smallint()
    expected: int = smallint()
    at: datetime
    entered_by: UUID | None
    """None: the complainant said it themself."""
