"""What complainants say of how they were served."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, SmallInteger, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class SatisfactionRow(ComplaintsTable, table=True):
    """Perceived and expected, each 1 to 10, once per round (domain 3.5)."""

    __tablename__ = "satisfaction"
    __table_args__ = (
        CheckConstraint("perceived BETWEEN 1 AND 10 AND expected BETWEEN 1 AND 10", name="satisfaction_scale"),
    )

    complaint_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("complaint.id"), primary_key=True))
    round: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    perceived: int = Field(sa_column=Column(SmallInteger, nullable=False))
    expected: int = Field(sa_column=Column(SmallInteger, nullable=False))
    at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    entered_by: UUID = Field(sa_column=Column(Uuid, nullable=False))
