"""Months as closed. Written from `month.closed` alone."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlmodel import Field

from services.reporting.registry import ProjectionTable


class ClosedMonthRow(ProjectionTable, table=True):
    """The latest revision of a closed month: figures per tier and the moves from the closed month before."""

    __tablename__ = "closed_month"

    month: str = Field(primary_key=True)
    revision: int
    closed_at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), nullable=False))
    tiers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    moves: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
