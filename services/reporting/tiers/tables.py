"""Months as closed. Written from `month.closed` alone."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from services.reporting.registry import ProjectionTable
from shared.tables import jsonb


class ClosedMonthRow(ProjectionTable, table=True):
    """The latest revision of a closed month: figures per tier and the moves from the closed month before."""

    __tablename__ = "closed_month"

    month: str = Field(primary_key=True)
    revision: int
    closed_at: datetime
    tiers: dict[str, Any] = jsonb()
    moves: dict[str, int] = jsonb()
