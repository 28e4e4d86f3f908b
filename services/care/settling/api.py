"""The routes by which a task is done, and a touch recorded without a task."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.care.context import Context
from services.care.obligations.api import Role
from services.care.settling import handlers
from services.care.settling.domain import NewTouch, SameDay, TaskNotOpen, TooEarly, WindowEnded
from services.care.touches.api import RecordedTaskOut
from services.care.touches.domain import Proof, TaskNotFound, TouchRecord, viewer_of_tasks
from shared.contracts.care import Contact
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line, Moment, Note, Whole
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing
from shared.references import UnknownCustomer

routes = router("/care/v1", "tasks")

LONGEST_TOUCH = 14 * 24 * 60


class ProofIn(BaseModel):
    """What was done; `minutes` is how long, `at` when it ended: now when left out, entered late when another day."""

    model_config = ConfigDict(extra="forbid")

    at: Moment | None = None
    minutes: Whole = Field(ge=1, le=LONGEST_TOUCH)
    content: Annotated[Note, Field(min_length=1)]
    said: Note = ""
    place: Line | None = Field(default=None, description="where it was; required for stays and visits")
    cost: MoneyOrNothing | None = None

    def proof(self, now: datetime) -> Proof:
        record = TouchRecord(content=self.content, said=self.said, place=self.place)
        return Proof(at=self.at or now, minutes=self.minutes, cost=self.cost, record=record)


class TouchIn(ProofIn):
    """A touch without a task; `role` in which it was, when it is not your own: that of one of your people."""

    customer_id: UUID
    contact: Contact
    role: Role | None = None


@routes.post("/tasks/{task_id}/done")
@raises(SameDay, TaskNotFound, TaskNotOpen, TooEarly, WindowEnded)
async def finish_task(task_id: UUID, body: ProofIn, context: Injected[Context], caller: Caller) -> RecordedTaskOut:
    """Records the touch with its proof; the next occurrence is planned at once.

    A touch of an earlier day is taken as recorded late; a miss that was told of is taken back.
    """
    proof = body.proof(context.clock.now())
    details = await handlers.finish(context, task_id, proof, by=caller.id, viewer=viewer_of_tasks(caller))
    return RecordedTaskOut.opened(context, details)


@routes.post("/touches", status_code=201)
@raises(UnknownCustomer)
async def record_touch(body: TouchIn, context: Injected[Context], caller: Caller) -> RecordedTaskOut:
    """Records a touch without a task: by chance, as needed, or because nobody looked for the task.

    It settles the one open obligation that it fulfils, which is then returned as done; else it is a task of the kind
    `unplanned`.
    """
    proof = body.proof(context.clock.now())
    touch = NewTouch(customer_id=body.customer_id, contact=body.contact, role=body.role, proof=proof)
    return RecordedTaskOut.opened(context, await handlers.record(context, touch, caller))
