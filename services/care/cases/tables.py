"""Complaint cases as care sees them, from events."""

from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.care.registry import CareTable


class CaseRow(CareTable, table=True):
    """A case; `number` is empty while only later events have named it."""

    __tablename__ = "complaint_case"
    __table_args__ = (Index("complaint_case_open", "customer_id", postgresql_where=text("open")),)

    complaint_id: UUID = Field(primary_key=True)
    customer_id: UUID | None
    number: str | None
    open: bool
    overdue: bool
