"""Tasks as people read them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from services.care.touches.domain import Task, TaskKind, TaskNotFound, TaskState
from services.care.touches.store import COLUMNS, task_in
from shared.auth.visibility import subordinates
from shared.db import Connection, Database
from shared.personal import Vault

_DETAILS = f"""{COLUMNS}, t.planned_at, t.settled_at, t.settled_by, t.reason, t.minutes, t.cost, t.record,
(SELECT n.name FROM directory_name n WHERE n.id = t.customer_id) AS customer_name"""  # noqa: S608  constant column list
_VISIBLE = f"($1::uuid IS NULL OR t.assignee_id IN ({subordinates('$1')}))"
_READ = f"SELECT {_DETAILS} FROM task t WHERE {_VISIBLE} AND t.id = $2"  # noqa: S608  constant column list
_LIST = f"""
SELECT {_DETAILS} FROM task t
WHERE {_VISIBLE}
  AND ($2::uuid IS NULL OR t.assignee_id = $2) AND ($3::uuid IS NULL OR t.customer_id = $3)
  AND ($4::text IS NULL OR t.kind = $4) AND ($5::text IS NULL OR t.state = $5)
  AND (NOT $6 OR t.assignee_id IS NULL)
  AND ($7::timestamptz IS NULL OR (t.due_at, t.id) > ($7, $8::uuid))
ORDER BY t.due_at, t.id LIMIT $9
"""  # noqa: S608  constant column lists


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """A task with what people see beside it; `record` is sealed."""

    task: Task
    customer_name: str | None
    planned_at: datetime
    settled_at: datetime | None
    settled_by: UUID | None
    reason: str | None
    minutes: int | None
    cost: Decimal | None
    record: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilters:
    """Which tasks are asked for; `viewer` narrows to those of a person and their people (`shared.auth.visibility`)."""

    viewer: UUID | None = None
    assignee_id: UUID | None = None
    customer_id: UUID | None = None
    kind: TaskKind | None = None
    state: TaskState | None = None
    unassigned: bool = False


async def read_task(reader: Connection | Database, task_id: UUID, *, viewer: UUID | None) -> TaskDetails:
    """Raises TaskNotFound for a task that is not there or that `viewer` does not see (None: sees everybody's)."""
    row = await reader.fetchrow(_READ, viewer, task_id)
    if row is None:
        raise TaskNotFound("there is no such task, or it is another person's")
    return _details(row)


async def list_tasks(
    database: Database, filters: TaskFilters, after: tuple[datetime, UUID] | None, most: int
) -> list[TaskDetails]:
    """Tasks in the order of their due moment."""
    moment, task_id = after or (None, None)
    rows = await database.fetch(
        _LIST,
        filters.viewer,
        filters.assignee_id,
        filters.customer_id,
        filters.kind,
        filters.state,
        filters.unassigned,
        moment,
        task_id,
        most,
    )
    return [_details(row) for row in rows]


def record_of(vault: Vault, details: TaskDetails) -> dict[str, str | None] | None:
    """What was recorded of a done touch: `content`, `said`, `place`."""
    if details.record is None:
        return None
    record: dict[str, str | None] = orjson.loads(vault.open(details.record, details.task.id.bytes))
    return record


def _details(row: Any) -> TaskDetails:
    return TaskDetails(
        task_in(row),
        row["customer_name"],
        row["planned_at"],
        row["settled_at"],
        row["settled_by"],
        row["reason"],
        row["minutes"],
        row["cost"],
        row["record"],
    )
