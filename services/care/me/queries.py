"""Reading what waits for one person, from their tasks, those of their people, and their absences."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.care.absences.domain import Absence, Subject
from services.care.absences.queries import AbsenceFilters, list_absences
from services.care.at_risk import queries as at_risk
from services.care.context import Context
from services.care.touches.domain import TaskKind, TaskState
from services.care.touches.queries import TaskDetails, TaskFilters, TaskPlace, list_tasks

MOST: Final = 100
"""Of each kind that one answer shows; lists go on from there."""
READ: Final = 500
RECENT: Final = timedelta(days=31)
"""So long a miss is shown, as it may be entered late for about as long."""
_FIRST: Final = UUID(int=0)
_WARNED: Final = (TaskKind.OBLIGATION, TaskKind.MAKE_GOOD)


@dataclass(frozen=True, slots=True)
class Mine:
    """What waits for somebody: tasks by the ends of their windows, and when they are away, the newest entry first."""

    due: list[TaskDetails]
    at_risk: list[TaskDetails]
    missed: list[TaskDetails]
    make_good: list[TaskDetails]
    people_at_risk: list[TaskDetails]
    absences: list[Absence]


async def mine(context: Context, caller: UUID) -> Mine:
    """What waits for `caller` now."""
    now = context.clock.now()
    risky = now + timedelta(days=max((await at_risk.present(context.database)).days))
    standing = await _tasks(context, TaskFilters(assignee_id=caller, state=TaskState.OPEN))
    around = await _tasks(context, TaskFilters(viewer=caller, state=TaskState.OPEN))
    missed = TaskFilters(assignee_id=caller, state=TaskState.MISSED)
    away = await list_absences(context.database, AbsenceFilters(subject=Subject.STAFF, whose=caller), None, MOST)
    today = now.astimezone(context.zone).date()

    def is_at_risk(task: TaskDetails) -> bool:
        return task.kind in _WARNED and task.not_before <= now and task.due_at <= risky

    return Mine(
        due=[task for task in standing if task.not_before <= now][:MOST],
        at_risk=[task for task in standing if is_at_risk(task)][:MOST],
        missed=(await _tasks(context, missed, (now - RECENT, _FIRST)))[:MOST],
        make_good=[task for task in standing if task.kind == TaskKind.MAKE_GOOD][:MOST],
        people_at_risk=[task for task in around if task.assignee_id != caller and is_at_risk(task)][:MOST],
        absences=[each for each in away if each.last_day >= today],
    )


async def _tasks(context: Context, filters: TaskFilters, after: TaskPlace | None = None) -> list[TaskDetails]:
    return await list_tasks(context.database, filters, after, READ)
