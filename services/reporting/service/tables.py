"""Touches: what was owed to customers and what became of it. Written from `crm.care.v1` alone."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index

from services.reporting.registry import ProjectionTable


class TouchRow(ProjectionTable, table=True):
    """One task of one person. `month` is the one in which its window ends, in the company's zone."""

    __tablename__ = "touch"
    __table_args__ = (Index("touch_customer", "customer_id", "due_at"), Index("touch_month", "month", "kind"))

    id: UUID = Field(primary_key=True)
    customer_id: UUID | None
    kind: str
    role: str
    contact: str
    assignee_id: UUID | None
    state: str
    month: str
    not_before: datetime | None
    due_at: datetime
    done_at: datetime | None
    missed_at: datetime | None
    minutes: int | None
    recorded_late: bool = Field(sa_column_kwargs={"server_default": "false"})
    excuse: str | None
    make_good_until: datetime | None
    made_good_at: datetime | None
    make_good_missed_at: datetime | None
