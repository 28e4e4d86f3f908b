"""GET /reporting/v1/service."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.reporting.context import InContext
from services.reporting.months import AskedMonth
from services.reporting.service import queries
from services.reporting.service.domain import Figures
from services.reporting.service.queries import MonthOfService
from shared.http.routing import router

routes = router("/reporting/v1", "service")

TouchKind = Annotated[
    str, Query(pattern="^[a-z_]{1,40}$", description="which touches: obligations unless named, such as apology_call")
]


class FiguresOut(BaseModel):
    """Touches whose window ends in the month."""

    model_config = ConfigDict(from_attributes=True)
    met: int
    missed: int = Field(description="stays missed when it is made good later")
    made_good: int
    open: int
    share_met: float | None = Field(description="of what was due, 0 to 1")


class PersonOut(BaseModel):
    """One person's figures in one role; without a person for touches that nobody could be given."""

    role: str
    staff_id: UUID | None
    name: str | None
    figures: FiguresOut


class DepartmentOut(BaseModel):
    department_id: UUID | None
    name: str | None
    figures: FiguresOut


class MonthOfServiceOut(BaseModel):
    """Obligations met and missed, in all, per role, per person and per department."""

    total: FiguresOut
    roles: dict[str, FiguresOut]
    people: list[PersonOut]
    departments: list[DepartmentOut]

    @classmethod
    def of(cls, month: MonthOfService) -> "MonthOfServiceOut":
        return cls(
            total=_figures(month.total),
            roles={role: _figures(figures) for role, figures in month.roles.items()},
            people=[
                PersonOut(
                    role=person.role,
                    staff_id=person.staff_id,
                    name=month.staff[person.staff_id].name if person.staff_id in month.staff else None,
                    figures=_figures(figures),
                )
                for person, figures in month.people.items()
            ],
            departments=[
                DepartmentOut(
                    department_id=id_,
                    name=month.departments.get(id_) if id_ else None,
                    figures=_figures(figures),
                )
                for id_, figures in month.by_department.items()
            ],
        )


def _figures(figures: Figures) -> FiguresOut:
    return FiguresOut.model_validate(figures)


@routes.get("/service")
async def report_service(month: AskedMonth, context: InContext, kind: TouchKind = "obligation") -> MonthOfServiceOut:
    """Obligations met and missed in a month."""
    return MonthOfServiceOut.of(await queries.month_of(context, month, kind))
