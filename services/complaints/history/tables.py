"""The history of a case: every movement with its words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable

_TIME = TIMESTAMP(timezone=True)


class EntryRow(ComplaintsTable, table=True):
    """One movement of a case, kept for ever; what was said lies sealed in `words`."""

    __tablename__ = "case_entry"
    __table_args__ = (Index("case_entry_case", "complaint_id", "id"),)

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    complaint_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("complaint.id"), nullable=False))
    round: int = Field(sa_column=Column(SmallInteger, nullable=False))
    what: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    entered_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    entered_by: UUID = Field(sa_column=Column(Uuid, nullable=False))
    words: bytes | None = Field(sa_column=Column(LargeBinary))
