"""Calendars as they are kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class CalendarRow(ComplaintsTable, table=True):
    """A version of a calendar, never changed once written; versions are counted over all calendars."""

    __tablename__ = "calendar"
    __table_args__ = (Index("calendar_latest", "name", "version"),)

    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    definition: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    created_by: UUID | None = Field(sa_column=Column(Uuid))
