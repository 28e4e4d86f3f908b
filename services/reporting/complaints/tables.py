"""Cases and their rounds. Written from `crm.complaints.v1` alone."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field, Index

from services.reporting.registry import ProjectionTable
from shared.tables import money, smallint


class ComplaintRow(ProjectionTable, table=True):
    """A case as it stands; everything but the id is unknown until the case's opening is heard of."""

    __tablename__ = "complaint"
    __table_args__ = (
        Index("complaint_customer", "customer_id", "opened_at"),
        Index("complaint_open", "id", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID | None
    number: str | None
    kind: str | None
    subject: str | None
    against_type: str | None
    against_id: UUID | None
    channel: str | None
    tier: str | None
    responsible_id: UUID | None
    accountable_id: UUID | None
    """Whom it is against; who is responsible handles it."""
    notice_number: str | None
    """The latest notice's, which stands."""
    notice_deadline: datetime | None
    notice_acknowledged_at: datetime | None
    taken_over: bool = Field(sa_column_kwargs={"server_default": "false"})
    opened_at: datetime | None
    state: str = Field(sa_column_kwargs={"server_default": "open"})
    round: int = Field(sa_column_kwargs={"server_default": "1"})
    escalation_level: int = Field(sa_column_kwargs={"server_default": "0"})
    unreached: bool = Field(sa_column_kwargs={"server_default": "false"})
    """The chain reached nobody in this round, and nobody has been named since."""
    repeat_count: int = Field(sa_column_kwargs={"server_default": "1"})


class RoundRow(ProjectionTable, table=True):
    """One round of a case and its clock. `month` is the one in which the round began, in the company's zone."""

    __tablename__ = "complaint_round"
    __table_args__ = (Index("complaint_round_month", "month"),)

    complaint_id: UUID = Field(primary_key=True)
    round: int = Field(primary_key=True)
    month: str | None
    began_at: datetime | None
    due_at: datetime | None
    """None while paused."""
    paused_until: datetime | None
    """The longest end of the last pause; it is over then, whether or not anybody has told."""
    due_after_pause: datetime | None
    """When the answer is due if the last pause lasts to that end; None where no event has said."""
    breached_at: datetime | None
    stopped_at: datetime | None
    """The answer, or the solution when nothing had answered before."""
    in_time: bool | None
    accepted_at: datetime | None
    """When somebody of customer service took the case, in its first round."""
    accepting_missed_at: datetime | None
    """When the time to take it was over, if nobody had by then."""
    perceived: int | None = smallint()
    expected: int | None = smallint()
    """How the complainant found what was done, and what they had expected, 1 to 10."""


class CompensationRow(ProjectionTable, table=True):
    """What was given in a case, at its cost. `month` is the one in which it was granted, in the company's zone."""

    __tablename__ = "compensation"
    __table_args__ = (Index("compensation_month", "month"),)

    id: UUID = Field(primary_key=True)
    complaint_id: UUID
    month: str
    kind: str
    cost: Decimal = money()
    withdrawn: bool
