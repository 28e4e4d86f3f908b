"""Routes that read tasks."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.care.context import Context, InContext
from services.care.touches import queries
from services.care.touches.domain import TaskKind, TaskState, viewer_of_tasks
from services.care.touches.queries import TaskDetails, TaskFilters
from shared.contracts.care import Contact
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import Caller, router

routes = router("/care/v1", "tasks")


class TaskOut(BaseModel):
    """A touch: of whom towards whom, when it is welcome and when it is missed, and what became of it."""

    id: UUID
    customer_id: UUID | None
    customer_name: str | None
    kind: TaskKind
    role: str
    contact: Contact
    assignee_id: UUID | None
    not_before: datetime
    due_at: datetime
    state: TaskState
    complaint_id: UUID | None
    round: int | None
    planned_at: datetime
    settled_at: datetime | None
    settled_by: UUID | None
    reason: str | None
    minutes: int | None
    cost: Annotated[Decimal, Field(examples=["120.00"])] | None


class RecordOut(BaseModel):
    """What was recorded of a touch."""

    content: str
    said: str
    place: str | None


class RecordedTaskOut(TaskOut):
    """A task with its record, once it is done."""

    record: RecordOut | None


def recorded(context: Context, details: TaskDetails) -> RecordedTaskOut:
    """The task with its record opened."""
    record = queries.record_of(context.vaults.touches, details)
    return RecordedTaskOut.model_validate({**_fields(details), "record": record})


def _fields(details: TaskDetails) -> dict[str, object]:
    task = details.task
    return {
        "id": task.id,
        "customer_id": task.customer_id,
        "customer_name": details.customer_name,
        "kind": task.kind,
        "role": task.role,
        "contact": task.contact,
        "assignee_id": task.assignee_id,
        "not_before": task.window.not_before,
        "due_at": task.window.due_at,
        "state": task.state,
        "complaint_id": task.complaint_id,
        "round": task.round,
        "planned_at": details.planned_at,
        "settled_at": details.settled_at,
        "settled_by": details.settled_by,
        "reason": details.reason,
        "minutes": details.minutes,
        "cost": details.cost,
    }


@routes.get("/tasks")
async def list_tasks(
    context: InContext,
    caller: Caller,
    assignee_id: UUID | None = None,
    customer_id: UUID | None = None,
    kind: TaskKind | None = None,
    state: TaskState | None = None,
    unassigned: Annotated[bool, Query(description="only those that nobody has")] = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[TaskOut]:
    """Tasks by due moment: one's own and those of whom one supervises; managers and administration see all."""
    filters = TaskFilters(
        viewer=viewer_of_tasks(caller),
        assignee_id=assignee_id,
        customer_id=customer_id,
        kind=kind,
        state=state,
        unassigned=unassigned,
    )
    bound = asdict(filters)
    after = context.cursors.read(cursor, bound)
    key = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else None
    rows = await queries.list_tasks(context.database, filters, key, limit + 1)
    items, following = context.cursors.page(rows, limit, bound, lambda row: (row.task.window.due_at, row.task.id))
    return Page(items=[TaskOut.model_validate(_fields(row)) for row in items], next=following)


@routes.get("/tasks/{task_id}")
async def read_task(task_id: UUID, context: InContext, caller: Caller) -> RecordedTaskOut:
    """A task with what was recorded of it."""
    details = await queries.read_task(context.database, task_id, viewer=viewer_of_tasks(caller))
    return recorded(context, details)
