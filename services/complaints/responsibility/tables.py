"""Penalties and what they cost by rule."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import jsonb, money, smallint


class PenaltyPolicyRow(ComplaintsTable, table=True):
    """A version of what each rule costs, as rule -> amount in text; never changed once written."""

    __tablename__ = "penalty_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID = Field(unique=True)
    amounts: dict[str, Any] = jsonb()
    starts_at: datetime
    created_at: datetime
    created_by: UUID | None


class PenaltyRow(ComplaintsTable, table=True):
    """A penalty: of one case, round and rule, once. `month` counts as `shared.months.Month.ordinal`."""

    __tablename__ = "penalty"
    __table_args__ = (
        CheckConstraint("amount BETWEEN 0 AND 500", name="penalty_bounds"),
        Index("penalty_once", "complaint_id", "round", "rule", unique=True),
        Index("penalty_month", "month", "id"),
        Index("penalty_person", "person_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    complaint_id: UUID = Field(foreign_key="complaint.id")
    round: int = smallint()
    rule: str
    state: str
    amount: Decimal = money()
    rule_amount: Decimal = money()
    person_id: UUID | None
    department_id: UUID | None
    policy_version: int
    month: int
    at: datetime
    proposed_at: datetime
    ended_at: datetime | None
    reason: str | None


class ProposingRow(ComplaintsTable, table=True):
    """One row: since which event of our own log rules propose penalties; ids of events sort by when they were made."""

    __tablename__ = "proposing"
    __table_args__ = (CheckConstraint("one", name="proposing_one"),)

    one: bool = Field(primary_key=True)
    since: UUID
