"""What is known of colleagues beside the directory: what they know best, and whether they are there."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import texts


class PresenceRow(ComplaintsTable, table=True):
    """Skills as customers tells of them, and since when somebody is away. `said_by` null: nobody ever said."""

    __tablename__ = "staff_presence"

    staff_id: UUID = Field(primary_key=True)
    skills: list[str] = texts()
    away_since: datetime | None
    away_until: datetime | None
    said_by: UUID | None
