"""How many days before the end of a window it is told, and how far that telling has come."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.care.registry import CareTable
from shared.tables import integers


class AtRiskPolicyRow(CareTable, table=True):
    """A version of the policy; the newest one holds."""

    __tablename__ = "at_risk_policy"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    days: list[int] = integers()
    set_at: datetime | None
    set_by: UUID | None


class AtRiskReachRow(CareTable, table=True):
    """The last task that was told so many days before, in the order of due moments; holding it is holding the timer."""

    __tablename__ = "at_risk_reach"

    days: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    due_at: datetime
    task_id: UUID
