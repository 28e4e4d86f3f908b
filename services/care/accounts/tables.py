"""Customers as care knows them, from events; the row is the lock of everything that belongs to the customer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.care.registry import CareTable
from shared.tables import jsonb


class AccountRow(CareTable, table=True):
    """A customer. `kind` and `tier` are empty while only other events have named it (a stub, decision 3)."""

    __tablename__ = "account"
    __table_args__ = (
        Index("account_plan_due", "plan_due_at", postgresql_where=text("plan_due_at IS NOT NULL")),
        Index("account_matrix", "matrix_version", postgresql_where=text("served OR team <> '{}'")),
    )

    id: UUID = Field(primary_key=True)
    kind: str | None
    tier: str | None
    team: dict[str, Any] = jsonb(sa_column_kwargs={"server_default": "{}"})
    matrix_version: int = Field(sa_column_kwargs={"server_default": "0"})
    """By which version of the obligation matrix the open tasks were planned."""
    plan_due_at: datetime | None
    served: bool = Field(sa_column_kwargs={"server_default": "false"})
    """Whether there was a team before the present one: what it owed is owed still when its last member has left."""
    erased_at: datetime | None = None
    """When the person was erased: from then on nobody knows them here, whatever is told later."""
