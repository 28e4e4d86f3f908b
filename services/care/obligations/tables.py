"""The matrix's versions; the newest one holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.care.registry import CareTable
from shared.tables import jsonb


class ObligationMatrixRow(CareTable, table=True):
    """One version of the whole matrix."""

    __tablename__ = "obligation_matrix"

    version: int = Field(primary_key=True)
    obligations: list[dict[str, Any]] = jsonb()
    set_at: datetime | None
    set_by: UUID | None
