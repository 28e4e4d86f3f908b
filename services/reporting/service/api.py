"""GET /reporting/v1/service."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.reporting.context import Context
from services.reporting.service import queries
from shared.http.context import Injected
from shared.http.fields import MonthAsked
from shared.http.routing import router

routes = router("/reporting/v1", "service")

TouchKind = Annotated[
    str, Query(pattern="^[a-z_]{1,40}$", description="which touches: obligations unless named, such as apology_call")
]


class FiguresOut(BaseModel):
    """Touches whose window ends in the month."""

    model_config = ConfigDict(from_attributes=True)
    met: int
    missed: int = Field(description="how many were missed; they stay so when they are made good later")
    excused: int = Field(description="of the missed, those for which nobody is charged: leave, or a closed store")
    made_good: int = Field(description="of the missed, those that were made good afterwards")
    make_good_missed: int = Field(description="of the missed, those that were to be made good, and were not in time")
    open: int
    recorded_late: int = Field(description="of those that were done, entered after their day")
    share_met: float | None = Field(description="how much of what was due was met, 0 to 1; null when nothing was due")


class PersonOut(BaseModel):
    """One person's figures in one role; without a person for touches that nobody could be given."""

    model_config = ConfigDict(from_attributes=True)
    role: str
    staff_id: UUID | None
    name: str | None
    figures: FiguresOut


class DepartmentOut(BaseModel):
    """The figures of one department."""

    model_config = ConfigDict(from_attributes=True)
    department_id: UUID | None
    name: str | None
    figures: FiguresOut


class MonthOfServiceOut(BaseModel):
    """Obligations met and missed, in all, per role, per person and per department."""

    model_config = ConfigDict(from_attributes=True)
    total: FiguresOut
    roles: dict[str, FiguresOut]
    people: list[PersonOut]
    departments: list[DepartmentOut]


@routes.get("/service")
async def report_service(
    month: MonthAsked, context: Injected[Context], kind: TouchKind = "obligation"
) -> MonthOfServiceOut:
    """Obligations met and missed in a month."""
    return MonthOfServiceOut.model_validate(await queries.month_of(context, month, kind))
