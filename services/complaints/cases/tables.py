"""What complaints keeps of a case: itself, and its pauses, breaches and ended rounds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Sequence, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint, uuids

NUMBERS = Sequence("complaint_number", metadata=ComplaintsTable.metadata)
"""Counts the cases ever recorded; a case's number carries it."""


_OPEN = "state = 'open'"


class ComplaintRow(ComplaintsTable, table=True):
    """A case with the clock of its present round; earlier rounds stand in complaint_round.

    Words (what happened, wish, complainant, the name it is against) are personal and lie sealed in `words`, what else
    was said in `details`. `touch_id` is the visit in which the dissatisfaction was found, `batch` that of the product.
    `tracking_generation` counts the complainant's links: each correction of whom they reach makes the next one.
    `opened_…` are what the first answer said, for repeated requests. `due_after_pause` is the due moment of a paused
    clock once its pause has come to its longest end, which is `next_alarm_at` then. `queue_at` and `next_alarm_at`
    follow from the clock and order the queue and the timer. Its other clocks stand in case_clock, if it `keeps_clocks`:
    what was recorded before there were any does not. `repeat_count` says the how-manieth of its kind in the
    month it is, `repeat_of` which case was before it; null where nobody has counted yet.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("tier_rank BETWEEN 1 AND 5", name="complaint_tier_rank"),
        CheckConstraint("state IN ('open', 'answered', 'resolved', 'closed')", name="complaint_state_known"),
        Index("complaint_number_once", "number", unique=True),
        Index(
            "complaint_customer", "customer_id", "recorded_at", "id", postgresql_where=text("customer_id IS NOT NULL")
        ),
        Index("complaint_unfinished", "state", "recorded_at", "id", postgresql_where=text("state <> 'closed'")),
        Index("complaint_queue", "tier_rank", "queue_at", "id", postgresql_where=text("state = 'open'")),
        *(
            Index(f"complaint_queue_{name}", column, "tier_rank", "queue_at", "id", postgresql_where=text(_OPEN))
            for name, column in (("handler", "responsible_id"), ("subject", "subject"), ("channel", "channel"))
        ),
        *(
            Index(
                f"complaint_queue_{name}",
                column,
                "tier_rank",
                "queue_at",
                "id",
                postgresql_where=text(f"{_OPEN} AND {column} IS NOT NULL"),
            )
            for name, column in (("against", "against_id"), ("accountable", "accountable_id"), ("batch", "batch"))
        ),
        Index("complaint_batch", "batch", "recorded_at", "id", postgresql_where=text("batch IS NOT NULL")),
        Index("complaint_recorded", "recorded_at", "id"),
        Index("complaint_handler", "responsible_id", "recorded_at", "id"),
        Index("complaint_subject", "subject", "recorded_at", "id"),
        Index("complaint_channel", "channel", "recorded_at", "id"),
        Index("complaint_against", "against_id", "recorded_at", "id", postgresql_where=text("against_id IS NOT NULL")),
        Index(
            "complaint_accountable",
            "accountable_id",
            "recorded_at",
            "id",
            postgresql_where=text("accountable_id IS NOT NULL"),
        ),
        Index("complaint_recorder", "recorded_by", "recorded_at", "id", postgresql_where=text("customer_id IS NULL")),
        Index("complaint_in_hand", "responsible_id", postgresql_where=text("state = 'open'")),
        Index("complaint_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("complaint_alarm", "next_alarm_at", postgresql_where=text("next_alarm_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    number: str
    customer_id: UUID | None
    kind: str
    subject: str
    channel: str
    against_type: str | None
    against_id: UUID | None
    purchase_id: UUID | None
    happened_at: datetime | None
    recorded_at: datetime
    registered_at: datetime
    recorded_by: UUID
    taken_over: bool
    words: bytes
    details: bytes | None
    touch_id: UUID | None
    batch: str | None
    opened_rank: int = smallint()
    opened_due_at: datetime

    state: str
    tier_rank: int = smallint()
    responsible_id: UUID | None
    moved_at: datetime
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    version: int

    round: int = smallint()
    policy_version: int
    calendar_version: int | None
    started_at: datetime
    answer_seconds: int
    due_at: datetime | None
    due_after_pause: datetime | None
    queue_at: datetime
    next_alarm_at: datetime | None
    warned: int = smallint()
    escalation_level: int = smallint()
    breached_at: datetime | None
    stopped_at: datetime | None
    valid: bool | None
    good_faith: bool | None
    former_handlers: list[UUID] | None = uuids(default=None)
    """Who handled it before `responsible_id`: none of them inspects it."""

    accountable_id: UUID | None
    noticed_at: datetime | None
    accepted_at: datetime | None
    accepted_by: UUID | None
    keeps_clocks: bool = Field(sa_column_kwargs={"server_default": "true"})

    tracking_generation: int = smallint(sa_column_kwargs={"server_default": "0"})

    repeat_count: int | None = smallint()
    repeat_of: UUID | None
    parent_id: UUID | None


class PauseRow(ComplaintsTable, table=True):
    """A pause as an interval: `until` is its longest end, `ended_at` its end; the history's entry says why."""

    __tablename__ = "clock_pause"

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    round: int = smallint(primary_key=True)
    started_at: datetime = Field(primary_key=True)
    until: datetime
    ended_at: datetime | None
    entry_id: UUID = Field(foreign_key="case_entry.id")


class BreachRow(ComplaintsTable, table=True):
    """Who was told that an answer is late, once per case, round and level, and who was accountable for the case.

    `at` is the level's own moment; null in rows of before it was kept.
    """

    __tablename__ = "breach"

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    round: int = smallint(primary_key=True)
    level: int = smallint(primary_key=True)
    staff_id: UUID | None
    due_at: datetime
    noticed_at: datetime
    accountable_id: UUID | None
    at: datetime | None


class RoundRow(ComplaintsTable, table=True):
    """A round that was ended by reopening, as it stood then."""

    __tablename__ = "complaint_round"

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    round: int = smallint(primary_key=True)
    policy_version: int
    calendar_version: int | None
    started_at: datetime
    answer_seconds: int
    due_at: datetime | None
    stopped_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    breached_at: datetime | None
    escalation_level: int = smallint()
    reopened_at: datetime
