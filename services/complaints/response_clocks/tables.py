"""What the clocks keep beside the case: policies, pauses, breaches and ended rounds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, SmallInteger, Text, Uuid
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


class RulebookRow(ComplaintsTable, table=True):
    """One row: which revision of policies and subjects is in force. Recording checks it, so no process uses an old
    copy."""

    __tablename__ = "rulebook"

    one: bool = Field(sa_column=Column(Boolean, CheckConstraint("one", name="rulebook_one"), primary_key=True))
    revision: int = Field(sa_column=Column(Integer, nullable=False))


class PauseRow(ComplaintsTable, table=True):
    """A pause as an interval: `until` is its longest end, `ended_at` its end; the history's entry says why."""

    __tablename__ = "clock_pause"

    complaint_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("complaint.id"), primary_key=True))
    round: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    started_at: datetime = Field(sa_column=Column(_TIME, primary_key=True))
    until: datetime = Field(sa_column=Column(_TIME, nullable=False))
    ended_at: datetime | None = Field(sa_column=Column(_TIME))
    entry_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("case_entry.id"), nullable=False))


class BreachRow(ComplaintsTable, table=True):
    """Who was told that an answer is late, once per case, round and level."""

    __tablename__ = "breach"

    complaint_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("complaint.id"), primary_key=True))
    round: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    level: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    staff_id: UUID | None = Field(sa_column=Column(Uuid))
    due_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    noticed_at: datetime = Field(sa_column=Column(_TIME, nullable=False))


class RoundRow(ComplaintsTable, table=True):
    """A round that was ended by reopening, as it stood then."""

    __tablename__ = "complaint_round"

    complaint_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("complaint.id"), primary_key=True))
    round: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    policy_version: int = Field(sa_column=Column(Integer, nullable=False))
    calendar_version: int | None = Field(sa_column=Column(Integer))
    started_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    answer_seconds: int = Field(sa_column=Column(Integer, nullable=False))
    due_at: datetime | None = Field(sa_column=Column(_TIME))
    stopped_at: datetime | None = Field(sa_column=Column(_TIME))
    answered_at: datetime | None = Field(sa_column=Column(_TIME))
    resolved_at: datetime | None = Field(sa_column=Column(_TIME))
    closed_at: datetime | None = Field(sa_column=Column(_TIME))
    breached_at: datetime | None = Field(sa_column=Column(_TIME))
    escalation_level: int = Field(sa_column=Column(SmallInteger, nullable=False))
    reopened_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
