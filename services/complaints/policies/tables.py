"""Policies that are documents: who may do what, who may settle how much, what needs another's word."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import jsonb


class CasePolicyRow(ComplaintsTable, table=True):
    """A version of a policy, never changed once written; the first of each came with its table."""

    __tablename__ = "case_policy"

    policy: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID = Field(unique=True)
    definition: dict[str, Any] = jsonb()
    starts_at: datetime
    created_at: datetime
    created_by: UUID | None
