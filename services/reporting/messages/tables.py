"""Messages: what was sent and what could not be. Written from `crm.care.v1` alone."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, Index

from services.reporting.registry import ProjectionTable


class MessageRow(ProjectionTable, table=True):
    """One message in its last state, `sent` or `failed`. `day` is the one of that, in the company's zone."""

    __tablename__ = "message"
    __table_args__ = (Index("message_day", "day", "state"),)

    id: UUID = Field(primary_key=True)
    day: date
    state: str
    occasion: str
    purpose: str
    channel: str
