"""Penalties, who pays them, what happened to them, and what they cost by rule."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
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
    payer_parts: int = smallint(sa_column_kwargs={"server_default": text("7")})
    supervisor_parts: int = smallint(sa_column_kwargs={"server_default": text("3")})
    appeal_days: int = smallint(sa_column_kwargs={"server_default": text("7")})


class DepartmentSchemeRow(ComplaintsTable, table=True):
    """A version of a department's own scheme: what it calls a violation, and what that costs; never changed."""

    __tablename__ = "department_scheme"

    department_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID = Field(unique=True)
    violations: list[Any] = jsonb()
    starts_at: datetime
    created_at: datetime
    created_by: UUID


class PenaltyRow(ComplaintsTable, table=True):
    """A penalty: of one case, round and rule, or of one missed task and rule, once, or by the scheme of a department
    (`fund_id`). `month` counts as `shared.months.Month.ordinal`."""

    __tablename__ = "penalty"
    __table_args__ = (
        CheckConstraint("amount BETWEEN 0 AND 500", name="penalty_bounds"),
        CheckConstraint("num_nonnulls(complaint_id, task_id, fund_id) = 1", name="penalty_basis"),
        Index("penalty_once", "complaint_id", "round", "rule", unique=True),
        Index("penalty_task_once", "task_id", "rule", unique=True, postgresql_where=text("task_id IS NOT NULL")),
        Index("penalty_month", "month", "id"),
        Index("penalty_person", "person_id", "id"),
        Index("penalty_undecided", "id", postgresql_where=text("state IN ('proposed', 'appealed')")),
        Index(
            "penalty_due",
            "appeal_until",
            "id",
            postgresql_where=text("state = 'decided' AND booked_at IS NULL AND appeal_until IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    version: int
    complaint_id: UUID | None = Field(foreign_key="complaint.id")
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
    task_id: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    appeal_until: datetime | None
    appealed_by: UUID | None
    appealed_at: datetime | None
    on_appeal: bool = Field(sa_column_kwargs={"server_default": text("false")})
    booked_at: datetime | None
    fund_id: UUID | None
    violation: str | None
    scheme_version: int | None


class PenaltyShareRow(ComplaintsTable, table=True):
    """What one person pays of a penalty: of a proposal as it would be decided now, of a decided one for good."""

    __tablename__ = "penalty_share"
    __table_args__ = (
        Index("penalty_share_staff", "staff_id", "penalty_id"),
        Index("penalty_share_department", "department_id", "penalty_id"),
    )

    penalty_id: UUID = Field(primary_key=True, foreign_key="penalty.id")
    staff_id: UUID = Field(primary_key=True)
    place: int = smallint()
    parts: int = smallint()
    amount: Decimal = money()
    department_id: UUID | None
    supervisor_id: UUID | None


class CaseShareRow(ComplaintsTable, table=True):
    """By how many parts somebody pays what a case costs; none of a case: whom it is against, with their supervisor."""

    __tablename__ = "case_share"

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    staff_id: UUID = Field(primary_key=True)
    parts: int = smallint()
    set_by: UUID
    set_at: datetime


class PenaltyEntryRow(ComplaintsTable, table=True):
    """What happened to a penalty, kept for ever; a reason in words lies sealed."""

    __tablename__ = "penalty_entry"
    __table_args__ = (Index("penalty_entry_penalty", "penalty_id", "id"),)

    id: UUID = Field(primary_key=True)
    penalty_id: UUID = Field(foreign_key="penalty.id")
    what: str
    at: datetime
    by: UUID | None
    amount: Decimal | None = money()
    words: bytes | None
    cause: str | None = None


class ExcusedMissRow(ComplaintsTable, table=True):
    """A missed task for which nothing is proposed, and why."""

    __tablename__ = "excused_miss"

    task_id: UUID = Field(primary_key=True)
    excuse: str
    contact: str
    assignee_id: UUID | None
    at: datetime


class ProposingRow(ComplaintsTable, table=True):
    """One row: since which event of our own log rules propose penalties, and since which of care's those of missed
    service; ids of events sort by when they were made."""

    __tablename__ = "proposing"
    __table_args__ = (CheckConstraint("one", name="proposing_one"),)

    one: bool = Field(primary_key=True)
    since: UUID
    service_since: UUID
