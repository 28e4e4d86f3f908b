"""The rulebook as it is kept: its revision, subjects, clock policies, calendars."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable

_TIME = TIMESTAMP(timezone=True)


class RulebookRow(ComplaintsTable, table=True):
    """One row: which revision of policies, subjects and calendars is in force. Recording checks it, so no process uses
    an old copy."""

    __tablename__ = "rulebook"

    one: bool = Field(sa_column=Column(Boolean, CheckConstraint("one", name="rulebook_one"), primary_key=True))
    revision: int = Field(sa_column=Column(Integer, nullable=False))


class SubjectRow(ComplaintsTable, table=True):
    """What a case can be about."""

    __tablename__ = "subject"

    code: str = Field(sa_column=Column(Text, primary_key=True))
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    name_zh: str = Field(sa_column=Column(Text, nullable=False))
    active: bool = Field(sa_column=Column(Boolean, nullable=False))


class ClockPolicyRow(ComplaintsTable, table=True):
    """A version of how long an answer may take; never changed once written."""

    __tablename__ = "clock_policy"

    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    id: UUID = Field(sa_column=Column(Uuid, nullable=False, unique=True))
    answer_seconds: int = Field(sa_column=Column(Integer, nullable=False))
    tier: str | None = Field(sa_column=Column(Text))
    subject: str | None = Field(sa_column=Column(Text))
    calendar: str = Field(sa_column=Column(Text, nullable=False))
    starts_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    created_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    created_by: UUID | None = Field(sa_column=Column(Uuid))


class CalendarRow(ComplaintsTable, table=True):
    """A version of a calendar, never changed once written; versions are counted over all calendars."""

    __tablename__ = "calendar"
    __table_args__ = (Index("calendar_latest", "name", "version"),)

    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    definition: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    created_by: UUID | None = Field(sa_column=Column(Uuid))
