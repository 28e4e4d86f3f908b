"""The last things that happened, numbered in the order of their commits, for streams that go on where they stopped."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from services.reporting.registry import ReportingTable
from shared.tables import json_text


class LiveEventRow(ReportingTable, table=True):
    """A live update. No projection: its number is where a client stopped, and a rebuild keeps it."""

    __tablename__ = "live_event"

    id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    event_id: UUID = Field(unique=True)
    type: str
    at: datetime
    data: str = json_text()


class LiveStreamRow(ReportingTable, table=True):
    """The one row that gives the numbers out. Its lock, held until the commit, makes them follow the commits."""

    __tablename__ = "live_stream"

    one: bool = Field(
        primary_key=True, sa_column_args=[CheckConstraint("one")], sa_column_kwargs={"server_default": "true"}
    )
    last_id: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    trimmed_to: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """The newest number that is no longer kept."""
    newest_trimmed: UUID | None
    """The youngest event (UUIDv7) that is no longer kept: an older one that is heard of again is not shown anew."""
