"""The route by which a task is done."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.care.context import Context
from services.care.settling import handlers
from services.care.settling.domain import TaskNotOpen, TooEarly, WindowEnded
from services.care.touches.api import RecordedTaskOut
from services.care.touches.domain import Proof, TaskNotFound, TouchRecord, viewer_of_tasks
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line, Moment, Note, Whole
from shared.http.routing import Caller, router
from shared.money import Money

routes = router("/care/v1", "tasks")

LONGEST_TOUCH = 14 * 24 * 60


class ProofIn(BaseModel):
    """What was done; `minutes` is how long, `at` when it ended (today; now when left out)."""

    model_config = ConfigDict(extra="forbid")

    at: Moment | None = None
    minutes: Whole = Field(ge=1, le=LONGEST_TOUCH)
    content: Annotated[Note, Field(min_length=1)]
    said: Note = ""
    place: Line | None = Field(default=None, description="required for stays and visits")
    cost: Annotated[Money, Field(ge=0)] | None = None

    def proof(self, now: datetime) -> Proof:
        record = TouchRecord(content=self.content, said=self.said, place=self.place)
        return Proof(at=self.at or now, minutes=self.minutes, cost=self.cost, record=record)


@routes.post("/tasks/{task_id}/done")
@raises(TaskNotFound, TaskNotOpen, TooEarly, WindowEnded)
async def finish_task(task_id: UUID, body: ProofIn, context: Injected[Context], caller: Caller) -> RecordedTaskOut:
    """Records the touch with its proof; the next occurrence is planned at once."""
    proof = body.proof(context.clock.now())
    details = await handlers.finish(context, task_id, proof, by=caller.id, viewer=viewer_of_tasks(caller))
    return RecordedTaskOut.opened(context, details)
