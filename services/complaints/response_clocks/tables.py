"""Clock policies as they are kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable

_TIME = TIMESTAMP(timezone=True)


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
