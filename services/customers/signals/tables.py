"""Signals, by what they are found, and how far one is with looking for them today."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb


class SignalPolicyRow(CustomersTable, table=True):
    """A version of the policy; the newest one holds."""

    __tablename__ = "signal_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    definition: dict[str, Any] = jsonb()
    set_at: datetime
    set_by: UUID | None
    """None for the version the service came with."""


class SignalRow(CustomersTable, table=True):
    """A signal. Whoever writes one holds the customer's head, so of each kind one stands (until a merge is looked
    at)."""

    __tablename__ = "signal"
    __table_args__ = (
        CheckConstraint("(cause IS NULL) = (ended_at IS NULL)", name="signal_ends_with_a_cause"),
        Index("signal_standing", "customer_id", postgresql_where=text("ended_at IS NULL")),
        Index("signal_standing_kind", "kind", "id", postgresql_where=text("ended_at IS NULL")),
        Index("signal_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id")
    kind: str
    tier: str
    reasons: list[dict[str, Any]] = jsonb()
    policy_version: int
    began_at: datetime
    ended_at: datetime | None
    cause: str | None


class SignalRunRow(CustomersTable, table=True):
    """How far one is: every customer up to `place` was looked at on `day`; all of them once `done`."""

    __tablename__ = "signal_run"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: date
    place: UUID
    done: bool
