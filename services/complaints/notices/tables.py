"""Notices as they are kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Sequence, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint

NOTICE_NUMBERS = Sequence("notice_number", metadata=ComplaintsTable.metadata)
"""Counts the notices ever issued; a notice's number carries it."""


class NoticeRow(ComplaintsTable, table=True):
    """A notice to somebody about a case; its words lie sealed in the history's entry. One stands at a time."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_case", "complaint_id", "id"),
        Index("notice_standing_once", "complaint_id", unique=True, postgresql_where=text("superseded_at IS NULL")),
        Index("notice_to", "to_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    round: int = smallint()
    to_id: UUID
    deadline: datetime
    issued_at: datetime
    issued_by: UUID
    entry_id: UUID = Field(foreign_key="case_entry.id")
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    superseded_at: datetime | None
