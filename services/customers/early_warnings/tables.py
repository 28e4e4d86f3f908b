"""Warnings, and what happened to customers that makes them leave."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb, money, numeric, smallint


class ChurnSignalRow(CustomersTable, table=True):
    """What another service told: `ref` is the case, the touch, or the event that told of the consent; of a case
    each round counts. Told again, it is the same row. A trigger marks the customer, who is judged anew."""

    __tablename__ = "churn_signal"
    __table_args__ = (
        UniqueConstraint("code", "ref", "round", name="churn_signal_once"),
        Index("churn_signal_of", "customer_id", "at"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID
    code: str
    ref: UUID
    round: int = smallint()
    at: datetime
    share: Decimal | None = numeric(6, 2)


class EarlyWarningRow(CustomersTable, table=True):
    """A warning with its reasons (code -> figures) and which tie ends; one of a customer is open. Of what a takeover
    brought (`historical`) nobody has asked what the customer was worth.

    `since` is the day since which it stands as it was told last, `noticed_at` when that was noticed, where it was not
    on the day; both None where it was told before this was kept.
    """

    __tablename__ = "early_warning"
    __table_args__ = (
        Index("early_warning_open", "customer_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("early_warning_of", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    raised_on: date
    raised_at: datetime
    reasons: dict[str, dict[str, Any]] = jsonb()
    tie: dict[str, Any] | None = jsonb()
    ended_at: datetime | None
    ended_by: str | None
    policy_version: int | None
    policy_id: UUID | None
    tier: str | None
    yearly: Decimal | None = money()
    historical: bool = Field(sa_column_kwargs={"server_default": "false"})
    since: date | None
    noticed_at: datetime | None
