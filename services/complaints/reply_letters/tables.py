"""What complainants were answered in the company's name, from writing to its end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint


class ReplyLetterRow(ComplaintsTable, table=True):
    """A reply as somebody wrote it; subject and text lie sealed. No address is stored: it is looked up when it goes.

    `asked` is the channel that was asked for, `channel` by which it goes. `next_at` is when it is judged next: empty
    while it is being sent, waits for somebody, or has ended. A lease runs on real time. `ended_by` read or printed it.
    """

    __tablename__ = "reply_letter"
    __table_args__ = (
        Index("reply_letter_case", "complaint_id", "id"),
        Index("reply_letter_due", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("reply_letter_leased", "lease_until", postgresql_where=text("state = 'sending'")),
        Index("reply_letter_to_print", "id", postgresql_where=text("state = 'to_print'")),
    )

    id: UUID = Field(primary_key=True)
    complaint_id: UUID = Field(foreign_key="complaint.id")
    round: int = smallint()
    asked: str | None
    channel: str | None
    language: str
    state: str
    reason: str | None
    attempts: int = Field(sa_column_kwargs={"server_default": "0"})
    sealed: bytes
    template_version: int | None
    written_at: datetime
    written_by: UUID
    expires_at: datetime
    next_at: datetime | None
    lease_until: datetime | None
    lease_holder: UUID | None
    provider: str | None
    reference: str | None
    ended_at: datetime | None
    ended_by: UUID | None
    print_job_id: UUID | None = None
    """The job that puts it on paper."""
