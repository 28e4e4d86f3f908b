"""The last things that happened, numbered in the order of their commits, for streams that go on where they stopped."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Uuid, text, true
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field

from services.reporting.registry import ReportingTable


class LiveEventRow(ReportingTable, table=True):
    """A live update. No projection: its number is where a client stopped, and a rebuild keeps it."""

    __tablename__ = "live_event"

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    event_id: UUID = Field(unique=True)
    type: str
    at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    data: Any = Field(sa_column=Column(JSON, nullable=False))


class LiveStreamRow(ReportingTable, table=True):
    """The one row that gives the numbers out. Its lock, held until the commit, makes them follow the commits."""

    __tablename__ = "live_stream"

    one: bool = Field(
        default=True, sa_column=Column(Boolean, CheckConstraint("one"), primary_key=True, server_default=true())
    )
    last_id: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    trimmed_to: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    """The newest number that is no longer kept."""
    newest_trimmed: UUID | None = Field(default=None, sa_column=Column(Uuid))
    """The youngest event (UUIDv7) that is no longer kept: an older one that is heard of again is not shown anew."""
