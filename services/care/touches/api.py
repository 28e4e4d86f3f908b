"""Routes of tasks."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.care.context import Context, InContext
from services.care.inputs import Line, Moment, Prose
from services.care.settling import handlers
from services.care.touches.domain import Kind, Proof, State
from services.care.touches.store import Filters, Shown
from shared.contracts.care import Contact
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import Caller, router
from shared.money import Money

routes = router("/care/v1", "tasks")

LONGEST_TOUCH = 14 * 24 * 60


class ProofBody(BaseModel):
    """What was done; `minutes` is how long, `at` when it ended (today; now when left out)."""

    model_config = ConfigDict(extra="forbid")

    at: Moment | None = None
    minutes: int = Field(ge=1, le=LONGEST_TOUCH)
    content: Annotated[Prose, Field(min_length=1)]
    said: Prose = ""
    place: Line | None = Field(default=None, description="required for stays and visits")
    cost: Annotated[Money, Field(ge=0)] | None = None

    def proof(self, now: datetime) -> Proof:
        return Proof(
            at=(self.at or now).astimezone(UTC),
            minutes=self.minutes,
            content=self.content,
            said=self.said,
            place=self.place,
            cost=self.cost,
        )


class TaskAnswer(BaseModel):
    """A touch: of whom towards whom, when it is welcome and when it is missed, and what became of it."""

    id: UUID
    customer_id: UUID | None
    customer_name: str | None
    kind: Kind
    role: str
    contact: Contact
    assignee_id: UUID | None
    not_before: datetime
    due_at: datetime
    state: State
    complaint_id: UUID | None
    round: int | None
    planned_at: datetime
    settled_at: datetime | None
    settled_by: UUID | None
    reason: str | None
    minutes: int | None
    cost: Annotated[Decimal, Field(examples=["120.00"])] | None


class RecordAnswer(BaseModel):
    """What was recorded of a touch."""

    content: str
    said: str
    place: str | None


class TaskWithRecord(TaskAnswer):
    """A task with its record, once it is done."""

    record: RecordAnswer | None


def _fields(shown: Shown) -> dict[str, object]:
    task = shown.task
    return {
        "id": task.id,
        "customer_id": task.customer_id,
        "customer_name": shown.customer_name,
        "kind": task.kind,
        "role": task.role,
        "contact": task.contact,
        "assignee_id": task.assignee_id,
        "not_before": task.window.not_before,
        "due_at": task.window.due_at,
        "state": task.state,
        "complaint_id": task.complaint_id,
        "round": task.round,
        "planned_at": shown.planned_at,
        "settled_at": shown.settled_at,
        "settled_by": shown.settled_by,
        "reason": shown.reason,
        "minutes": shown.minutes,
        "cost": shown.cost,
    }


def _whole(context: Context, shown: Shown) -> TaskWithRecord:
    return TaskWithRecord.model_validate({**_fields(shown), "record": handlers.opened(context, shown)})


@routes.get("/tasks")
async def list_tasks(
    context: InContext,
    caller: Caller,
    assignee_id: UUID | None = None,
    customer_id: UUID | None = None,
    kind: Kind | None = None,
    state: State | None = None,
    unassigned: Annotated[bool, Query(description="only those that nobody has")] = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[TaskAnswer]:
    """Tasks by due moment: one's own and those of whom one supervises; managers and administration see all."""
    filters = Filters(
        viewer=handlers.tasks_of(caller),
        assignee_id=assignee_id,
        customer_id=customer_id,
        kind=kind,
        state=state,
        unassigned=unassigned,
    )
    bound = {name: getattr(filters, name) for name in Filters.__slots__}
    after = context.cursors.read(cursor, bound)
    key = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else None
    rows = await handlers.list_tasks(context, filters, key, limit + 1)
    items, following = context.cursors.page(rows, limit, bound, lambda row: (row.task.window.due_at, row.task.id))
    return Page(items=[TaskAnswer.model_validate(_fields(row)) for row in items], next=following)


@routes.get("/tasks/{task_id}")
async def read_task(task_id: UUID, context: InContext, caller: Caller) -> TaskWithRecord:
    """A task with what was recorded of it."""
    return _whole(context, await handlers.read_task(context, task_id, caller))


@routes.post("/tasks/{task_id}/done")
async def finish_task(task_id: UUID, body: ProofBody, context: InContext, caller: Caller) -> TaskWithRecord:
    """Records the touch with its proof; the next occurrence is planned at once."""
    proof = body.proof(context.clock.now())
    return _whole(context, await handlers.finish(context, task_id, proof, caller))
