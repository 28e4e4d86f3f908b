"""Tier policies, changes of tier with their cause, overrides, and closed months (domain 2.4)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlmodel import Field

from services.customers.registry import CustomersTable


class TierPolicyRow(CustomersTable, table=True):
    """A version of the rule by which tiers are judged. `applied` says that its start has lifted whom it lifts."""

    __tablename__ = "tier_policy"
    __table_args__ = (
        CheckConstraint(
            "threshold_a > threshold_b AND threshold_b > threshold_c AND threshold_c > 0", name="tier_policy_falling"
        ),
        CheckConstraint("factor_mid > 0 AND factor_high > 0", name="tier_policy_factors"),
        CheckConstraint("window_months BETWEEN 1 AND 12", name="tier_policy_window"),
        UniqueConstraint("id", name="tier_policy_id"),
        Index("tier_policy_waiting", "starts_on", postgresql_where=text("NOT applied")),
    )

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    threshold_a: Decimal = Field(sa_column=Column(Numeric(14, 2), nullable=False))
    threshold_b: Decimal = Field(sa_column=Column(Numeric(14, 2), nullable=False))
    threshold_c: Decimal = Field(sa_column=Column(Numeric(14, 2), nullable=False))
    factor_mid: Decimal = Field(sa_column=Column(Numeric(8, 4), nullable=False))
    factor_high: Decimal = Field(sa_column=Column(Numeric(8, 4), nullable=False))
    window_months: int
    up_at_once: bool
    starts_on: date
    announced_on: date
    applied: bool


class TierChangeRow(CustomersTable, table=True):
    """One change of a customer's tier; `version` is the customer's version that it made."""

    __tablename__ = "tier_change"

    customer_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    from_tier: str
    to_tier: str
    at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    cause: str
    total: Decimal = Field(sa_column=Column(Numeric(16, 2), nullable=False))
    policy_version: int
    month: int | None = None


class TierOverrideRow(CustomersTable, table=True):
    """A tier set by hand, with its reason, until a moment; at most one stands per customer."""

    __tablename__ = "tier_override"
    __table_args__ = (
        CheckConstraint("tier IN ('A', 'B', 'C', 'D')", name="tier_override_tier"),
        Index("tier_override_standing", "customer_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("tier_override_due", "until", postgresql_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id")
    tier: str
    reason: str
    until: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    set_by: UUID
    set_at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))


class ClosedMonthRow(CustomersTable, table=True):
    """A month as closed, with the figures of its latest revision (decisions 8, 10, 11).

    `stale` says that something came in since which its next close must take up. `changed` counts the standing tiers
    that the latest revision moved.
    """

    __tablename__ = "closed_month"

    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    revision: int
    stale: bool
    closed_at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    policy_version: int = Field(foreign_key="tier_policy.version")
    customers: int
    changed: int
    tiers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    moves: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
