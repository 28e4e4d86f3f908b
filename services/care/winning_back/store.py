"""What is open to win somebody back, in the database."""

from collections.abc import Collection
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


async def open_of(transaction: Connection, cases: Collection[UUID]) -> list[Task]:
    """What is open because of these cases, held; their customers are held already."""
    return await _OPEN.all(transaction, cases=list(cases))
