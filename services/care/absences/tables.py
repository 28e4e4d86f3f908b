"""Absences of staff and closures of stores; what was entered by mistake stays, withdrawn."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.care.registry import CareTable


class AbsenceRow(CareTable, table=True):
    """From the first day to the last one, both included."""

    __tablename__ = "absence"
    __table_args__ = (Index("absence_of", "whose", "last_day", postgresql_where=text("withdrawn_at IS NULL")),)

    id: UUID = Field(primary_key=True)
    subject: str
    whose: UUID
    reason: str
    first_day: date
    last_day: date
    entered_at: datetime
    entered_by: UUID
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    version: int = Field(sa_column_kwargs={"server_default": "1"})
