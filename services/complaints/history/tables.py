"""The history of a case: every movement with its words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint


class EntryRow(ComplaintsTable, table=True):
    """One movement of a case, kept for ever; what was said lies sealed in `words`."""

    __tablename__ = "case_entry"
    __table_args__ = (Index("case_entry_case", "complaint_id", "id"),)

    id: UUID = Field(primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    round: int = smallint()
    what: str
    at: datetime
    entered_at: datetime
    entered_by: UUID
    words: bytes | None
