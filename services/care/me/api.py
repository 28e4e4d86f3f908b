"""The route of what somebody has to do."""

from pydantic import BaseModel, Field

from services.care.absences.api import AbsenceOut
from services.care.context import Context
from services.care.me import queries
from services.care.touches.api import TaskOut
from services.care.touches.queries import TaskDetails
from shared.http.context import Injected
from shared.http.routing import Caller, router

routes = router("/care/v1", "me")


class MeOut(BaseModel):
    """What somebody has to do, up to a hundred of each kind, what ends first first."""

    due: list[TaskOut] = Field(description="the caller's open tasks whose window has begun")
    at_risk: list[TaskOut] = Field(description="those of them that end within the days of the at-risk policy")
    missed: list[TaskOut] = Field(description="what the caller has missed within the last 31 days, excused or not")
    make_good: list[TaskOut] = Field(description="what the caller is to make good")
    people_at_risk: list[TaskOut] = Field(description="tasks of the caller's people that end so soon")
    absences: list[AbsenceOut] = Field(description="when the caller is away, today or ahead, the newest entry first")


@routes.get("/me")
async def read_me(context: Injected[Context], caller: Caller) -> MeOut:
    """What waits for the caller: what is due, at risk, missed and to be made good, what is at risk among their people,
    and when they are away."""
    mine = await queries.mine(context, caller.id)
    return MeOut(
        due=_tasks(mine.due),
        at_risk=_tasks(mine.at_risk),
        missed=_tasks(mine.missed),
        make_good=_tasks(mine.make_good),
        people_at_risk=_tasks(mine.people_at_risk),
        absences=[AbsenceOut.of(entry) for entry in mine.absences],
    )


def _tasks(tasks: list[TaskDetails]) -> list[TaskOut]:
    return [TaskOut.model_validate(task) for task in tasks]
