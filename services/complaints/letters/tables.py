"""What complaints writes to complainants, from plan to end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class LetterRow(ComplaintsTable, table=True):
    """A letter about a case. Neither its text nor an address is stored: both are made when it goes.

    `occasion` says why, once per case. `next_at` is when it is judged next: empty while it is being sent and when it
    has ended. A lease runs on real time (`lease_until`). `read_by` has read a script to the complainant.
    """

    __tablename__ = "letter"
    __table_args__ = (
        Index("letter_once", "complaint_id", "occasion", unique=True),
        Index("letter_due", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("letter_leased", "lease_until", postgresql_where=text("state = 'sending'")),
    )

    id: UUID = Field(primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    occasion: str
    state: str
    reason: str | None
    channel: str | None
    language: str | None
    attempts: int = Field(sa_column_kwargs={"server_default": "0"})
    planned_at: datetime
    expires_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    lease_until: datetime | None
    lease_holder: UUID | None
    provider: str | None
    reference: str | None
    read_at: datetime | None
    read_by: UUID | None
