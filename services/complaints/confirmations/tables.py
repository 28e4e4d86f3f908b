"""What was said of promises outside the rules."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class ConfirmationEntryRow(ComplaintsTable, table=True):
    """That it was confirmed, denied, insisted on, and what came of it; kept for ever, the words sealed."""

    __tablename__ = "confirmation_entry"
    __table_args__ = (
        CheckConstraint(
            "what IN ('confirmed', 'denied', 'insisted', 'reached', 'failed')", name="confirmation_entry_what"
        ),
        Index("confirmation_entry_commitment", "commitment_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    commitment_id: UUID = Field(foreign_key="commitment.id")
    what: str
    at: datetime
    by: UUID | None
    words: bytes | None
