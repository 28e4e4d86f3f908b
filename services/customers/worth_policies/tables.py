"""Versions of the policy of worth."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb


class WorthPolicyRow(CustomersTable, table=True):
    """A version; the newest one holds. `set_by` is None for the version the service came with."""

    __tablename__ = "worth_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    definition: dict[str, Any] = jsonb()
    set_at: datetime
    set_by: UUID | None
