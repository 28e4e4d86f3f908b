"""Which open tasks need somebody else."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Text, Uuid, select, union_all
from sqlmodel import col

from services.care.touches.domain import TaskKind, TaskState
from services.care.touches.tables import TaskRow
from shared.db import Connection
from shared.statement import Statement, any_given

_CONCERNED = select(col(TaskRow.id), col(TaskRow.customer_id), col(TaskRow.kind)).where(
    col(TaskRow.state) == TaskState.OPEN
)
_TO_REASSIGN = Statement(
    union_all(
        _CONCERNED.where(col(TaskRow.assignee_id) == any_given("leavers", Uuid)),
        _CONCERNED.where(col(TaskRow.assignee_id).is_(None), col(TaskRow.role) == any_given("roles", Text)),
    )
)


async def to_reassign(
    transaction: Connection, leavers: Collection[UUID], roles: Collection[str]
) -> list[tuple[UUID, UUID | None, TaskKind]]:
    """Ids, customers and kinds of open tasks of people who left, and of unassigned ones of roles."""
    rows = await _TO_REASSIGN.all(transaction, leavers=list(leavers), roles=list(roles))
    return [(row["id"], row["customer_id"], TaskKind(row["kind"])) for row in rows]
