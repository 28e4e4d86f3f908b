"""The history of a case: every movement with its words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import jsonb, smallint


class EntryRow(ComplaintsTable, table=True):
    """One movement of a case, kept for ever; what was said lies sealed in `words`.

    `changes` says what became of what: field -> `from` and `to`, ids, codes and figures alone.
    """

    __tablename__ = "case_entry"
    __table_args__ = (Index("case_entry_case", "complaint_id", "id"),)

    id: UUID = Field(primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    round: int = smallint()
    what: str
    at: datetime
    entered_at: datetime
    entered_by: UUID | None
    words: bytes | None
    changes: dict[str, Any] | None = jsonb(default=None)
