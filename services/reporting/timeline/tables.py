"""One row per thing that happened to a customer. Written from every topic."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Numeric
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field

from services.reporting.registry import ProjectionTable


class TimelineRow(ProjectionTable, table=True):
    """One event of a customer's history, as it was published; the key is the order in which it is read."""

    __tablename__ = "timeline"

    customer_id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(TIMESTAMP(timezone=True), primary_key=True))
    event_id: UUID = Field(primary_key=True)
    type: str
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(12, 2)))
    data: Any = Field(sa_column=Column(JSON, nullable=False))
