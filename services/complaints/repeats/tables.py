"""Which cases can repeat each other."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class RepeatRow(ComplaintsTable, table=True):
    """A case in its group: subject, party and month. `party` is a keyed hash, because it may be a name;
    `month` counts as `shared.months.Month.ordinal`."""

    __tablename__ = "repeat_case"
    __table_args__ = (Index("repeat_case_group", "party", "subject", "month"),)

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    subject: str
    party: bytes
    month: int
    recorded_at: datetime
