"""The route by which a task that nobody has is given to somebody; GET /tasks?unassigned=true lists them."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.care.context import Context
from services.care.reassignment import handlers
from services.care.reassignment.domain import TaskNotUnassigned
from services.care.touches.api import TaskOut
from services.care.touches.domain import TaskNotFound
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.routing import Caller, router
from shared.references import UnknownStaff

routes = router("/care/v1", "tasks")


class AssigneeIn(BaseModel):
    """Who is to do it: a colleague who has not left."""

    model_config = ConfigDict(extra="forbid")

    assignee_id: UUID


@routes.post("/tasks/{task_id}/assign")
@raises(TaskNotFound, TaskNotUnassigned, UnknownStaff)
async def assign_task(task_id: UUID, body: AssigneeIn, context: Injected[Context], caller: Caller) -> TaskOut:
    """Gives an unassigned task to somebody; it and what follows it stay theirs until the account team has the role."""
    return TaskOut.model_validate(await handlers.assign(context, task_id, body.assignee_id, by=caller.id))
