"""The rulebook as it is kept: its revision, subjects, clock policies, calendars."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import jsonb


class RulebookRow(ComplaintsTable, table=True):
    """One row: which revision of policies, subjects and calendars is in force. Recording checks it, so no process uses
    an old copy."""

    __tablename__ = "rulebook"
    __table_args__ = (CheckConstraint("one", name="rulebook_one"),)

    one: bool = Field(primary_key=True)
    revision: int


class SubjectRow(ComplaintsTable, table=True):
    """What a case can be about."""

    __tablename__ = "subject"

    code: str = Field(primary_key=True)
    name_en: str
    name_zh: str
    active: bool


class ClockPolicyRow(ComplaintsTable, table=True):
    """A version of how long an answer, or what else `kind` names, may take; never changed once written, but it can be
    withdrawn. Without `levels` it has the usual ones of its kind.

    Why it was withdrawn lies sealed in `withdrawn_words`; `withdrawn_because` is what was written before in the open.
    """

    __tablename__ = "clock_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID = Field(unique=True)
    answer_seconds: int
    tier: str | None
    subject: str | None
    calendar: str
    starts_at: datetime
    created_at: datetime
    created_by: UUID | None
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    withdrawn_because: str | None
    withdrawn_words: bytes | None
    kind: str = Field(sa_column_kwargs={"server_default": "answer"})
    levels: dict[str, Any] | None = jsonb()


class ProductOwnerRow(ComplaintsTable, table=True):
    """A version of who answers for a product, never changed once written; without a name for any other product."""

    __tablename__ = "product_owner"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    product: str | None
    staff_id: UUID | None
    starts_at: datetime
    created_by: UUID


class CalendarRow(ComplaintsTable, table=True):
    """A version of a calendar, never changed once written; versions are counted over all calendars."""

    __tablename__ = "calendar"
    __table_args__ = (Index("calendar_latest", "name", "version"),)

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str
    definition: dict[str, Any] = jsonb()
    created_at: datetime
    created_by: UUID | None
