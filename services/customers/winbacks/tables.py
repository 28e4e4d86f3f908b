"""Win-back cases and their policy."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb, money


class WinbackPolicyRow(CustomersTable, table=True):
    """A version of the policy; the newest one holds."""

    __tablename__ = "winback_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    definition: dict[str, Any] = jsonb()
    set_at: datetime
    set_by: UUID | None
    """None for the version the service came with."""


class WinbackRow(CustomersTable, table=True):
    """A case; the words of offer, end and correction are sealed."""

    __tablename__ = "winback"
    __table_args__ = (
        CheckConstraint("tier IN ('A', 'B', 'C', 'D')", name="winback_known_tier"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="winback_ends_with_an_outcome"),
        Index("winback_open", "customer_id", unique=True, postgresql_where=text("outcome IS NULL")),
        Index("winback_customer", "customer_id", "id"),
        Index("winback_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    tier: str
    kind: str
    cause: str = Field(foreign_key="churn_cause.code")
    yearly: Decimal = money()
    offer_limit: Decimal = money()
    policy_version: int
    opened_at: datetime
    opened_by: UUID
    assignee_id: UUID | None
    call_due_at: datetime | None
    visit_due_at: datetime | None
    message_due_at: datetime | None
    deadline: datetime
    offer: Decimal | None = money()
    offer_state: str
    offer_words: bytes | None
    offered_by: UUID | None
    decided_by: UUID | None
    outcome: str | None
    ended_at: datetime | None
    updated_at: datetime | None = None
    ended_by: UUID | None
    approver_id: UUID | None
    end_words: bytes | None
    observed_until: datetime | None
    means: str | None
    loss_id: UUID | None
    """Because of which loss it was opened; none: before there was one."""
    corrected_from: str | None
    """What was said to have come of it before that was put right last."""
    corrected_at: datetime | None
    corrected_by: UUID | None
    correction_words: bytes | None
