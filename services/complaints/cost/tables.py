"""What was learnt of who comes back."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import jsonb


class ReturnFitRow(ComplaintsTable, table=True):
    """Of each step of the curve the cases, whose customers came back, and the share; written once a month."""

    __tablename__ = "return_fit"

    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    made_at: datetime
    needed: int
    seen: list[dict[str, Any]] = jsonb()
