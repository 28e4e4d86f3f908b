"""Tier policies, changes of tier with their cause, overrides, and closed months (domain 2.4)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb, money, numeric


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
    threshold_a: Decimal = numeric(14, 2)
    threshold_b: Decimal = numeric(14, 2)
    threshold_c: Decimal = numeric(14, 2)
    factor_mid: Decimal = numeric(8, 4)
    factor_high: Decimal = numeric(8, 4)
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
    at: datetime
    cause: str
    total: Decimal = money()
    policy_version: int
    month: int | None


class TierOverrideRow(CustomersTable, table=True):
    """A tier set by hand, until a moment; at most one stands per customer. Its reason lies sealed in `words`.

    `reason` is empty, but for what an earlier release wrote in the open and nobody has sealed yet.
    """

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
    words: bytes | None
    until: datetime
    set_by: UUID
    set_at: datetime
    ended_at: datetime | None


class ClosedMonthRow(CustomersTable, table=True):
    """A month as closed, with the figures of its latest revision (decisions 8, 10, 11).

    `stale` says that something came in since which a revision must take up, `stale_at` when last; None where an earlier
    release said so. `changed` counts the standing tiers that the latest revision moved.
    """

    __tablename__ = "closed_month"
    __table_args__ = (Index("closed_month_stale", "month", postgresql_where=text("stale")),)

    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    revision: int
    stale: bool
    stale_at: datetime | None
    closed_at: datetime
    first_closed_at: datetime | None
    """When it was closed first; None where an earlier release closed it."""
    policy_version: int = Field(foreign_key="tier_policy.version")
    customers: int
    changed: int
    tiers: dict[str, Any] = jsonb()
    moves: dict[str, int] = jsonb()
