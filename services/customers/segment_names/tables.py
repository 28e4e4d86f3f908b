"""Versions of what cells of segments are called."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb


class SegmentNamesRow(CustomersTable, table=True):
    """A version; the newest one holds. `definition`: grid -> cell -> its names."""

    __tablename__ = "segment_names"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    definition: dict[str, Any] = jsonb()
    set_at: datetime
    set_by: UUID | None
    """None for the version the service came with."""
