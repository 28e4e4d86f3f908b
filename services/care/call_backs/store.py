"""Who of administration is called upon, and how many calls they have before them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.care.touches.domain import Task, TaskState
from services.care.touches.tables import TaskRow
from shared.db import Connection
from shared.statement import Statement, by_column, update_many

_BURDENS = Statement(
    """
    SELECT s.id, count(t.id) AS calls
    FROM directory_staff s
        LEFT JOIN task t ON t.assignee_id = s.id AND t.state = 'open' AND t.kind = 'call_back'
    WHERE s.role = :role AND s.active GROUP BY s.id ORDER BY s.id
    """
)
"""By hand: the directory's people and what lies before them, also where that is nothing."""


async def burdens(transaction: Connection, role: str) -> dict[UUID, int]:
    """The active colleagues in a role, with how many call-backs each has open."""
    return {row["id"]: row["calls"] for row in await _BURDENS.all(transaction, role=role)}


_MADE = Statement(
    update_many(TaskRow, "id", "settled_at", "settled_by", "recorded_at", "version", state=TaskState.DONE)
)


async def made(transaction: Connection, calls: Sequence[tuple[Task, datetime, UUID]]) -> None:
    """Stores calls that their case says were made, when and by whom, in their new version; no record tells of them."""
    rows = [
        {"id": task.id, "settled_at": at, "settled_by": by, "recorded_at": at, "version": task.version}
        for task, at, by in calls
    ]
    if rows:
        await _MADE.execute(transaction, **by_column(rows))
