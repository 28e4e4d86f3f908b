"""Rewards, and what happened to them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import money, uuids


class RewardRow(ComplaintsTable, table=True):
    """A reward of one person or a team; `amount` is CNY for each, `month` counts as `shared.months.Month.ordinal`."""

    __tablename__ = "reward"
    __table_args__ = (
        CheckConstraint("amount BETWEEN 50 AND 500", name="reward_bounds"),
        CheckConstraint("cardinality(staff_ids) > 0", name="reward_of_somebody"),
        Index("reward_month", "month", "id"),
        Index("reward_staff", "staff_ids", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    state: str
    staff_ids: list[UUID] = uuids()
    amount: Decimal = money()
    month: int
    complaint_id: UUID | None = Field(foreign_key="complaint.id")
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reversed_by: UUID | None
    reversed_at: datetime | None


class RewardEntryRow(ComplaintsTable, table=True):
    """What happened to a reward, kept for ever; the reason in words lies sealed."""

    __tablename__ = "reward_entry"
    __table_args__ = (Index("reward_entry_reward", "reward_id", "id"),)

    id: UUID = Field(primary_key=True)
    reward_id: UUID = Field(foreign_key="reward.id")
    what: str
    at: datetime
    by: UUID
    amount: Decimal = money()
    words: bytes
