"""What complaints keeps of a case: itself, and its pauses, breaches and ended rounds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable

_TIME = TIMESTAMP(timezone=True)

NUMBERS = Sequence("complaint_number", metadata=ComplaintsTable.metadata)
"""Counts the cases ever recorded; a case's number carries it."""


class ComplaintRow(ComplaintsTable, table=True):
    """A case with the clock of its present round; earlier rounds stand in complaint_round.

    Words (what happened, wish, complainant, the name it is against) are personal and lie sealed in `words`.
    `opened_…` are what the first answer said, for repeated requests. `queue_at` and `next_alarm_at` follow from the
    clock and order the queue and the timer.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("tier_rank BETWEEN 1 AND 5", name="complaint_tier_rank"),
        CheckConstraint("state IN ('open', 'answered', 'resolved', 'closed')", name="complaint_state_known"),
        Index("complaint_number_once", "number", unique=True),
        Index("complaint_customer", "customer_id", "id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("complaint_unfinished", "state", "id", postgresql_where=text("state <> 'closed'")),
        Index("complaint_queue", "tier_rank", "queue_at", "id", postgresql_where=text("state = 'open'")),
        Index("complaint_alarm", "next_alarm_at", postgresql_where=text("next_alarm_at IS NOT NULL")),
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    number: str = Field(sa_column=Column(Text, nullable=False))
    customer_id: UUID | None = Field(sa_column=Column(Uuid))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    against_type: str | None = Field(sa_column=Column(Text))
    against_id: UUID | None = Field(sa_column=Column(Uuid))
    purchase_id: UUID | None = Field(sa_column=Column(Uuid))
    happened_at: datetime | None = Field(sa_column=Column(_TIME))
    recorded_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    registered_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    recorded_by: UUID = Field(sa_column=Column(Uuid, nullable=False))
    taken_over: bool = Field(sa_column=Column(Boolean, nullable=False))
    words: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    opened_rank: int = Field(sa_column=Column(SmallInteger, nullable=False))
    opened_due_at: datetime = Field(sa_column=Column(_TIME, nullable=False))

    state: str = Field(sa_column=Column(Text, nullable=False))
    tier_rank: int = Field(sa_column=Column(SmallInteger, nullable=False))
    responsible_id: UUID | None = Field(sa_column=Column(Uuid))
    moved_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    answered_at: datetime | None = Field(sa_column=Column(_TIME))
    resolved_at: datetime | None = Field(sa_column=Column(_TIME))
    closed_at: datetime | None = Field(sa_column=Column(_TIME))
    version: int = Field(sa_column=Column(Integer, nullable=False))

    round: int = Field(sa_column=Column(SmallInteger, nullable=False))
    policy_version: int = Field(sa_column=Column(Integer, nullable=False))
    calendar_version: int | None = Field(sa_column=Column(Integer))
    started_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    answer_seconds: int = Field(sa_column=Column(Integer, nullable=False))
    due_at: datetime | None = Field(sa_column=Column(_TIME))
    queue_at: datetime = Field(sa_column=Column(_TIME, nullable=False))
    next_alarm_at: datetime | None = Field(sa_column=Column(_TIME))
    warned: int = Field(sa_column=Column(SmallInteger, nullable=False))
    escalation_level: int = Field(sa_column=Column(SmallInteger, nullable=False))
    breached_at: datetime | None = Field(sa_column=Column(_TIME))
    stopped_at: datetime | None = Field(sa_column=Column(_TIME))


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
