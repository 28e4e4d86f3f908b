"""Cases and their rounds. Written from `crm.complaints.v1` alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field, Index

from services.reporting.registry import ProjectionTable


class ComplaintRow(ProjectionTable, table=True):
    """A case as it stands; everything but the id is unknown until the case's opening is heard of."""

    __tablename__ = "complaint"
    __table_args__ = (
        Index("complaint_customer", "customer_id", "opened_at"),
        Index("complaint_open", "id", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID | None = None
    number: str | None = None
    kind: str | None = None
    subject: str | None = None
    against_type: str | None = None
    against_id: UUID | None = None
    channel: str | None = None
    tier: str | None = None
    responsible_id: UUID | None = None
    taken_over: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    opened_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    state: str = Field(default="open", sa_column_kwargs={"server_default": "open"})
    round: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    escalation_level: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class RoundRow(ProjectionTable, table=True):
    """One round of a case and its clock. `month` is the one in which the round began, in the company's zone."""

    __tablename__ = "complaint_round"
    __table_args__ = (Index("complaint_round_month", "month"),)

    complaint_id: UUID = Field(primary_key=True)
    round: int = Field(primary_key=True)
    month: str | None = None
    began_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    due_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    """None while paused."""
    breached_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    stopped_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    """The answer, or the solution when nothing had answered before."""
    in_time: bool | None = None
