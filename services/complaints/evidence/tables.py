"""The files of cases; their contents lie in the storage."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class EvidenceFileRow(ComplaintsTable, table=True):
    """A file: its kind and size in the open, its name and what was said of it sealed in `words`."""

    __tablename__ = "evidence_file"
    __table_args__ = (
        CheckConstraint("state IN ('storing', 'kept', 'removing', 'removed')", name="evidence_file_state_known"),
        Index("evidence_file_case", "complaint_id", "id"),
        Index("evidence_file_unfinished", "added_at", postgresql_where=text("state IN ('storing', 'removing')")),
    )

    id: UUID = Field(primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    state: str
    media_type: str
    size: int
    words: bytes
    added_at: datetime
    added_by: UUID | None
    removed_at: datetime | None
    removed_by: UUID | None
