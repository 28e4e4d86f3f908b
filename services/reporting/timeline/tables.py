"""One row per thing that happened to a customer. Written from every topic."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field

from services.reporting.registry import ProjectionTable
from shared.tables import json_text, numeric


class TimelineRow(ProjectionTable, table=True):
    """One event of a customer's history, as it was published; the key is the order in which it is read."""

    __tablename__ = "timeline"

    customer_id: UUID = Field(primary_key=True)
    at: datetime = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    type: str
    amount: Decimal | None = numeric(12, 2)
    data: str = json_text()
    reversed: bool = Field(sa_column_kwargs={"server_default": "false"})
    """A purchase or return that was undone as a mistake: it stands here, and counts nowhere."""
