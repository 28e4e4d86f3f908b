"""The versions of the table of what is done after a contract has ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.care.registry import CareTable
from shared.tables import jsonb


class AftercarePolicyRow(CareTable, table=True):
    """A version of the table; the newest one holds."""

    __tablename__ = "aftercare_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    errands: list[Any] = jsonb()
    """A list: code, names by language, role, contact, days."""
    set_at: datetime | None
    set_by: UUID | None
