"""What is open to win somebody back, in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid
from sqlmodel import col

from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind, TaskState
from services.care.touches.tables import TaskRow
from shared.db import Connection
from shared.statement import Statement, any_given

_OPEN = Statement(
    touches.TASKS.where(
        col(TaskRow.winback_id) == any_given("cases", Uuid),
        col(TaskRow.kind) == TaskKind.WINBACK,
        col(TaskRow.state) == TaskState.OPEN,
    )
    .order_by(col(TaskRow.id))
    .with_for_update(),
    touches.task_of,
)
_OPEN_OF_CUSTOMERS = Statement(
    touches.TASKS.where(
        col(TaskRow.customer_id) == any_given("customers", Uuid),
        col(TaskRow.kind) == TaskKind.WINBACK,
        col(TaskRow.state) == TaskState.OPEN,
    )
    .order_by(col(TaskRow.id))
    .with_for_update(),
    touches.task_of,
)


async def open_of(transaction: Connection, cases: Collection[UUID]) -> list[Task]:
    """What is open because of these cases, held; their customers are held already."""
    return await _OPEN.all(transaction, cases=list(cases))


async def open_since(transaction: Connection, since: Mapping[UUID, datetime]) -> list[Task]:
    """What is open because of cases of these held customers that were opened then or later, held."""
    found = await _OPEN_OF_CUSTOMERS.all(transaction, customers=list(since))
    return [task for task in found if task.customer_id is not None and task.anchor_at >= since[task.customer_id]]
