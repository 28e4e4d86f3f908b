"""The matrix's versions; the newest one holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlmodel import Field

from services.care.registry import CareTable


class ObligationMatrixRow(CareTable, table=True):
    """One version of the whole matrix."""

    __tablename__ = "obligation_matrix"

    version: int = Field(primary_key=True)
    obligations: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    set_at: datetime | None = Field(sa_column=Column(TIMESTAMP(timezone=True)))
    set_by: UUID | None
