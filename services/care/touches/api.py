"""Routes that read tasks."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.care.context import Context
from services.care.touches import queries
from services.care.touches.domain import TaskKind, TaskNotFound, TaskState, viewer_of_tasks
from services.care.touches.queries import TaskDetails, TaskFilters, TaskPlace
from shared.contracts.care import Contact, Excuse
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/care/v1", "tasks")

BY_DUE_MOMENT: Order[TaskDetails, TaskPlace] = Order(
    lambda details: (details.due_at, details.id), lambda due_at, id_: (datetime.fromisoformat(due_at), UUID(id_))
)


class MakeGoodOut(BaseModel):
    """That a missed task is to be made good."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the task by which it is made good")
    until: datetime = Field(description="when it is too late")
    state: TaskState = Field(description="how that task stands: `done` when the miss was made good, `missed` when not")
    ordered_at: datetime = Field(description="when it was ordered")
    ordered_by: UUID = Field(description="the staff member who ordered it")


class TaskOut(BaseModel):
    """A touch: of whom towards whom, when it is welcome and when it is missed, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    customer_id: UUID | None
    customer_name: str | None
    kind: TaskKind
    role: str
    contact: Contact
    assignee_id: UUID | None
    assigned_by: UUID | None
    not_before: datetime
    due_at: datetime
    occurrence: int = Field(description="which of those of the month that may be done on any day of it, from 1")
    state: TaskState
    complaint_id: UUID | None
    batch_id: UUID | None = Field(description="the alarmed batch because of which it exists; null for other tasks")
    product: str | None = Field(description="the product of that batch; null for other tasks")
    batch: str | None = Field(description="that batch, as it stands on the pack; null for other tasks")
    round: int | None
    contract_id: UUID | None = Field(description="the contract after whose end it is owed; null for other tasks")
    errand: str | None = Field(
        description="what is done after its end: a code of the aftercare policy; null for others"
    )
    winback_id: UUID | None = Field(description="the case by which somebody is to be won back; null for others")
    planned_at: datetime
    settled_at: datetime | None
    settled_by: UUID | None
    recorded_at: datetime | None = Field(description="when a touch was entered; `settled_at` is when it was done")
    recorded_late: bool = Field(description="entered after its day")
    reason: str | None
    excuse: Excuse | None = Field(description="why nobody is charged for the miss; null when nothing excuses it")
    minutes: int | None
    cost: Annotated[Decimal, Field(examples=["120.00"])] | None
    makes_good: UUID | None = Field(description="the missed task that it makes good; null for other tasks")
    make_good: MakeGoodOut | None = Field(description="that it is to be made good; null unless that was ordered")


class RecordOut(BaseModel):
    """What was recorded of a touch."""

    content: str
    said: str
    place: str | None


class RecordedTaskOut(TaskOut):
    """A task with its record, once it is done."""

    record: RecordOut | None

    @classmethod
    def opened(cls, context: Context, details: TaskDetails) -> "RecordedTaskOut":
        record = queries.record_of(context.vaults.touches, details)
        return cls.model_validate({**asdict(details), "record": record and asdict(record)})


@routes.get("/tasks")
async def list_tasks(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    assignee_id: UUID | None = None,
    customer_id: UUID | None = None,
    contract_id: Annotated[UUID | None, Query(description="only what is owed after this contract's end")] = None,
    kind: TaskKind | None = None,
    state: TaskState | None = None,
    unassigned: Annotated[bool, Query(description="only those that nobody has")] = False,
) -> Page[TaskOut]:
    """Tasks by due moment: one's own and those of whom one supervises; managers and administration see all."""
    filters = TaskFilters(
        viewer=viewer_of_tasks(caller),
        assignee_id=assignee_id,
        customer_id=customer_id,
        contract_id=contract_id,
        kind=kind,
        state=state,
        unassigned=unassigned,
    )
    read = partial(queries.list_tasks, context.database, filters)
    return await paging.page(BY_DUE_MOMENT, asdict(filters), read, TaskOut.model_validate)


@routes.get("/tasks/{task_id}")
@raises(TaskNotFound)
async def read_task(task_id: UUID, context: Injected[Context], caller: Caller) -> RecordedTaskOut:
    """A task with what was recorded of it."""
    details = await queries.read_task(context.database, task_id, viewer=viewer_of_tasks(caller))
    return RecordedTaskOut.opened(context, details)
